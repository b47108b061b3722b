#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace starling::config {

/// A value whose meaning only its reader knows, such as an option of a plugin's
/// actor.
using value
  = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

/// Options by name.
using value_map = std::map<std::string, value>;

/// Returns the value as TOML spells it: true, 42, 0.5, "text", ["a", "b"].
[[nodiscard]] std::string to_toml(const value& x);

/// Returns `text` as a TOML basic string, quotes included.
[[nodiscard]] std::string quoted(const std::string& text);

/// Returns the shortest TOML float that reads back as `x`.
[[nodiscard]] std::string to_toml(double x);

/// Returns the start of `text`, cut at a UTF-8 character's border: what comes
/// from outside goes into messages only in part.
[[nodiscard]] std::string shortened(std::string_view text, size_t bytes_max);

/// Returns `key` as it stands before a '=': bare if it may be, else quoted.
[[nodiscard]] std::string key_text(const std::string& key);

} // namespace starling::config
