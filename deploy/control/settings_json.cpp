#include "deploy/control/settings_json.hpp"

#include <caf/config_value.hpp>

#include <utility>

namespace starling::control {

namespace {

result<caf::config_value> to_value(const json& x) {
  switch (x.type()) {
    case json::value_t::boolean:
      return caf::config_value{x.get<bool>()};
    case json::value_t::number_integer:
      return caf::config_value{x.get<int64_t>()};
    case json::value_t::number_unsigned:
      if (x.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
        return failure{ec::invalid_option,
                       "option value " + to_text(x) + " is too large"};
      return caf::config_value{static_cast<int64_t>(x.get<uint64_t>())};
    case json::value_t::number_float:
      return caf::config_value{x.get<double>()};
    case json::value_t::string:
      return caf::config_value{x.get<std::string>()};
    case json::value_t::array: {
      auto list = caf::config_value::list{};
      for (const auto& item : x) {
        auto value = to_value(item);
        if (!value)
          return value.error();
        list.push_back(std::move(*value));
      }
      return caf::config_value{std::move(list)};
    }
    case json::value_t::object: {
      auto table = to_settings(x);
      if (!table)
        return table.error();
      return caf::config_value{std::move(*table)};
    }
    default:
      return failure{ec::invalid_option, "an option can't be null"};
  }
}

} // namespace

result<caf::settings> to_settings(const json& options) {
  if (!options.is_object())
    return failure{ec::invalid_option,
                   "options must be a JSON object of names and values"};
  auto table = caf::settings{};
  for (const auto& [key, item] : options.items()) {
    auto value = to_value(item);
    if (!value)
      return failure{value.error().code,
                     "option '" + key + "': " + value.error().text};
    table.insert_or_assign(key, std::move(*value));
  }
  return table;
}

} // namespace starling::control
