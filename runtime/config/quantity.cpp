#include "runtime/config/quantity.hpp"

#include "runtime/config/value.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace starling::config {

namespace {

struct unit {
  std::string_view name;
  int64_t factor;
};

/// Longer names first where one is the end of another.
constexpr unit durations[] = {
  {"ns", 1},
  {"us", 1'000},
  {"ms", 1'000'000},
  {"min", 60'000'000'000},
  {"s", 1'000'000'000},
  {"h", 3'600'000'000'000},
  {"d", 86'400'000'000'000},
};

constexpr unit sizes[] = {
  {"TiB", int64_t{1} << 40},
  {"GiB", int64_t{1} << 30},
  {"MiB", int64_t{1} << 20},
  {"KiB", int64_t{1} << 10},
  {"TB", 1'000'000'000'000},
  {"GB", 1'000'000'000},
  {"MB", 1'000'000},
  {"kB", 1'000},
  {"KB", 1'000},
  {"B", 1},
};

/// No quantity needs more characters.
constexpr size_t text_max = 40;

std::optional<int64_t> whole_product(std::string_view digits, int64_t factor) {
  auto number = int64_t{0};
  const auto* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  auto product = int64_t{0};
  if (error != std::errc{} || rest != end
      || __builtin_mul_overflow(number, factor, &product))
    return std::nullopt;
  return product;
}

std::optional<int64_t> decimal_product(std::string_view digits,
                                       int64_t factor) {
  auto number = 0.0;
  const auto* end = digits.data() + digits.size();
  const auto [rest, error]
    = std::from_chars(digits.data(), end, number, std::chars_format::fixed);
  const auto product = std::round(number * static_cast<double>(factor));
  // 2^63 is the least double that an int64_t can't hold.
  if (error != std::errc{} || rest != end || product >= 0x1p63)
    return std::nullopt;
  return static_cast<int64_t>(product);
}

/// Returns number * factor for texts like "12" or "1.5" and a known unit.
std::optional<int64_t> parse(std::string_view text,
                             std::span<const unit> units) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789."));
  auto name = text.substr(digits.size());
  if (name.starts_with(' '))
    name.remove_prefix(1);
  if (text.size() > text_max || digits.empty() || digits.starts_with('.')
      || digits.ends_with('.'))
    return std::nullopt;
  for (const auto& unit : units)
    if (unit.name == name)
      return digits.find('.') == std::string_view::npos
               ? whole_product(digits, unit.factor)
               : decimal_product(digits, unit.factor);
  return std::nullopt;
}

/// Writes with the unit that leaves the smallest whole number.
std::string write(uint64_t number, std::span<const unit> units) {
  const unit* best = nullptr;
  for (const auto& unit : units)
    if (number % static_cast<uint64_t>(unit.factor) == 0
        && (best == nullptr || unit.factor > best->factor))
      best = &unit;
  return fmt::format("{}{}", number / static_cast<uint64_t>(best->factor),
                     best->name);
}

failure refused(std::string_view text, std::string_view what) {
  return {ec::invalid_option,
          fmt::format("'{}' is not {}", shortened(text, text_max), what)};
}

} // namespace

result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (const auto count = parse(text, durations))
    return std::chrono::nanoseconds{*count};
  return refused(text, "a duration such as \"30s\", \"250ms\", \"5min\" or "
                       "\"1h\"");
}

result<byte_size> parse_byte_size(std::string_view text) {
  if (const auto count = parse(text, sizes))
    return byte_size{static_cast<uint64_t>(*count)};
  return refused(text, "a number of bytes such as \"10MB\" or \"64KiB\"");
}

result<byte_rate> parse_byte_rate(std::string_view text) {
  const auto amount
    = text.ends_with("/s") ? text.substr(0, text.size() - 2) : text;
  if (const auto count = parse(amount, sizes))
    return byte_rate{static_cast<uint64_t>(*count)};
  return refused(text, "a rate such as \"100MB/s\" or \"64KiB/s\"");
}

std::string to_text(std::chrono::nanoseconds x) {
  if (x.count() == 0)
    return "0s";
  if (x.count() < 0)
    return "-" + to_text(-x);
  return write(static_cast<uint64_t>(x.count()), durations);
}

std::string to_text(byte_size x) {
  return x.bytes == 0 ? "0B" : write(x.bytes, sizes);
}

std::string to_text(byte_rate x) {
  return to_text(byte_size{x.bytes_per_second}) + "/s";
}

} // namespace starling::config
