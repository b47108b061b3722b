#include "runtime/plugin/settings_reader.hpp"

#include <caf/config_value.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace starling {

settings_reader::settings_reader(std::string_view type,
                                 const caf::settings& input)
  : type_{type},
    input_{input} {
  // nop
}

settings_reader& settings_reader::read(std::string_view key,
                                       std::string& target) {
  const auto* value = find(key);
  if (!value)
    return *this;
  // Not get_as, which turns anything into a text.
  if (const auto* text = caf::get_if<std::string>(value))
    target = *text;
  else
    reject(key, "a text");
  return *this;
}

settings_reader& settings_reader::read(std::string_view key,
                                       std::vector<std::string>& target) {
  const auto* value = find(key);
  if (!value)
    return *this;
  if (auto list = caf::get_as<std::vector<std::string>>(*value))
    target = std::move(*list);
  else
    reject(key, "a list of texts");
  return *this;
}

settings_reader& settings_reader::read(std::string_view key, double& target,
                                       double least, double most) {
  const auto* value = find(key);
  if (!value)
    return *this;
  const auto number = caf::get_as<double>(*value);
  if (number && *number >= least && *number <= most)
    target = *number;
  else
    reject(key, fmt::format("a number from {} to {}", least, most));
  return *this;
}

settings_reader& settings_reader::read(std::string_view key, uint64_t& target,
                                       uint64_t least, uint64_t most) {
  const auto* value = find(key);
  if (!value)
    return *this;
  const auto number = caf::get_as<int64_t>(*value);
  if (number && *number >= 0 && static_cast<uint64_t>(*number) >= least
      && static_cast<uint64_t>(*number) <= most)
    target = static_cast<uint64_t>(*number);
  else
    reject(key, fmt::format("a whole number from {} to {}", least, most));
  return *this;
}

settings_reader& settings_reader::read(std::string_view key, uint32_t& target,
                                       uint32_t least, uint32_t most) {
  auto wide = uint64_t{target};
  read(key, wide, uint64_t{least}, uint64_t{most});
  target = static_cast<uint32_t>(wide);
  return *this;
}

settings_reader&
settings_reader::read(std::string_view key, caf::timespan& target,
                      caf::timespan least, caf::timespan most) {
  const auto* value = find(key);
  if (!value)
    return *this;
  const auto duration = caf::get_as<caf::timespan>(*value);
  if (duration && *duration >= least && *duration <= most)
    target = *duration;
  else
    reject(key, fmt::format("a duration from {} to {}",
                            to_string(caf::config_value{least}),
                            to_string(caf::config_value{most})));
  return *this;
}

settings_reader& settings_reader::leave(std::string_view key) {
  known_.push_back(key);
  return *this;
}

caf::error settings_reader::finish() const {
  if (failed_)
    return failed_;
  for (const auto& [key, value] : input_)
    if (std::ranges::find(known_, std::string_view{key}) == known_.end())
      return caf::make_error(ec::invalid_option,
                             fmt::format("{} has no option '{}'; it takes {}",
                                         type_, key, fmt::join(known_, ", ")));
  return {};
}

const caf::config_value* settings_reader::find(std::string_view key) {
  known_.push_back(key);
  const auto found = input_.find(caf::string_view{key.data(), key.size()});
  return found == input_.end() ? nullptr : &found->second;
}

void settings_reader::reject(std::string_view key, std::string_view expected) {
  if (failed_)
    return;
  const auto value = to_string(*find(key));
  failed_ = caf::make_error(ec::invalid_option,
                            fmt::format("option '{}' of {} is {}; give {}", key,
                                        type_, value.substr(0, 60), expected));
}

} // namespace starling
