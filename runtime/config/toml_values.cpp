#include "runtime/config/toml_values.hpp"

#include "runtime/config/quantity.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace starling::config {

namespace {

std::string_view kind_of(const toml::node& x) {
  switch (x.type()) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a float";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
      return "a date or time";
  }
  return "something else";
}

/// Converts each member of a table.
template <class T, class Convert>
std::optional<std::map<std::string, T>>
members_of(const toml::node& x, Convert convert) {
  const auto* table = x.as_table();
  if (table == nullptr)
    return std::nullopt;
  auto result = std::map<std::string, T>{};
  for (const auto& [key, member] : *table) {
    auto converted = convert(member);
    if (!converted)
      return std::nullopt;
    result.emplace(key.str(), std::move(*converted));
  }
  return result;
}

} // namespace

std::optional<value> value_of(const toml::node& x) {
  if (const auto* flag = x.as_boolean())
    return value{flag->get()};
  if (const auto* number = x.as_integer())
    return value{number->get()};
  if (const auto* number = x.as_floating_point())
    return value{number->get()};
  if (const auto* text = x.as_string())
    return value{text->get()};
  if (auto texts = strings_of(x))
    return value{std::move(*texts)};
  return std::nullopt;
}

std::optional<std::vector<std::string>> strings_of(const toml::node& x) {
  const auto* array = x.as_array();
  if (array == nullptr)
    return std::nullopt;
  auto result = std::vector<std::string>{};
  for (const auto& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr)
      return std::nullopt;
    result.push_back(text->get());
  }
  return result;
}

std::optional<double> number_of(const toml::node& x) {
  if (const auto* number = x.as_integer())
    return static_cast<double>(number->get());
  return x.value_exact<double>();
}

std::optional<std::chrono::nanoseconds> duration_of(const toml::node& x) {
  if (const auto* text = x.as_string()) {
    const auto parsed = parse_duration(text->get());
    return parsed ? std::optional{*parsed} : std::nullopt;
  }
  // So many seconds fit into nanoseconds.
  constexpr auto seconds_max = int64_t{9'000'000'000};
  const auto number = x.value_exact<int64_t>();
  if (!number || *number < -seconds_max || *number > seconds_max)
    return std::nullopt;
  return std::chrono::seconds{*number};
}

std::optional<uint64_t> bytes_of(const toml::node& x, bool is_rate) {
  if (const auto* number = x.as_integer(); number && number->get() >= 0)
    return static_cast<uint64_t>(number->get());
  const auto* text = x.as_string();
  if (text == nullptr)
    return std::nullopt;
  if (is_rate) {
    const auto rate = parse_byte_rate(text->get());
    return rate ? std::optional{rate->bytes_per_second} : std::nullopt;
  }
  const auto size = parse_byte_size(text->get());
  return size ? std::optional{size->bytes} : std::nullopt;
}

std::optional<std::map<std::string, double>> numbers_of(const toml::node& x) {
  return members_of<double>(x, number_of);
}

std::optional<value_map> values_of(const toml::node& x) {
  return members_of<value>(x, value_of);
}

std::string shown(const toml::node& x) {
  if (const auto* text = x.as_string())
    return quoted(shortened(text->get(), shown_max));
  if (const auto* number = x.as_integer())
    return fmt::to_string(number->get());
  if (const auto* number = x.as_floating_point())
    return to_toml(number->get());
  return std::string{kind_of(x)};
}

} // namespace starling::config
