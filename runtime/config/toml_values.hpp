#pragma once

#include "runtime/config/toml.hpp"
#include "runtime/config/value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::config {

// What a node of a TOML tree can be read as; nothing if it is something else.

/// Takes integers and floats.
[[nodiscard]] std::optional<double> number_of(const toml::node& x);

/// Takes texts such as "30s", and integers as seconds.
[[nodiscard]] std::optional<std::chrono::nanoseconds>
duration_of(const toml::node& x);

/// Takes texts such as "64KiB", or "64KiB/s" for a rate, and integers from 0.
[[nodiscard]] std::optional<uint64_t> bytes_of(const toml::node& x,
                                               bool is_rate);

/// Takes arrays of strings.
[[nodiscard]] std::optional<std::vector<std::string>>
strings_of(const toml::node& x);

/// Takes tables whose values are all numbers.
[[nodiscard]] std::optional<std::map<std::string, double>>
numbers_of(const toml::node& x);

/// Takes booleans, numbers, strings and arrays of strings.
[[nodiscard]] std::optional<value> value_of(const toml::node& x);

/// Takes tables whose values are booleans, numbers, strings or arrays of
/// strings.
[[nodiscard]] std::optional<value_map> values_of(const toml::node& x);

/// Strings from outside go into messages: this is how much of them is shown.
inline constexpr size_t shown_max = 60;

/// Says what stands there, for an error: a short value itself, else its kind.
[[nodiscard]] std::string shown(const toml::node& x);

} // namespace starling::config
