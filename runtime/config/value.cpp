#include "runtime/config/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace starling::config {

namespace {

struct writer {
  std::string operator()(bool x) const {
    return x ? "true" : "false";
  }

  std::string operator()(int64_t x) const {
    return fmt::to_string(x);
  }

  std::string operator()(double x) const {
    return to_toml(x);
  }

  std::string operator()(const std::string& x) const {
    return quoted(x);
  }

  std::string operator()(const std::vector<std::string>& xs) const {
    auto result = std::string{"["};
    for (const auto& x : xs) {
      if (result.size() > 1)
        result += ", ";
      result += quoted(x);
    }
    return result + "]";
  }
};

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

std::string to_toml(const value& x) {
  return std::visit(writer{}, x);
}

std::string to_toml(double x) {
  if (std::isnan(x))
    return "nan";
  if (std::isinf(x))
    return x > 0 ? "inf" : "-inf";
  auto result = fmt::format("{}", x);
  // TOML knows floats by a point or an exponent.
  if (result.find_first_of(".e") == std::string::npos)
    result += ".0";
  return result;
}

std::string quoted(const std::string& text) {
  auto result = std::string{'"'};
  for (auto c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (c == '\n')
      result += "\\n";
    else if (code < 0x20 || code == 0x7f)
      fmt::format_to(std::back_inserter(result), "\\u{:04X}", code);
    else
      result += c;
  }
  return result + '"';
}

std::string shortened(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max)
    return std::string{text};
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return std::string{text.substr(0, end)};
}

std::string key_text(const std::string& key) {
  const auto bare = !key.empty() && std::ranges::all_of(key, is_bare);
  return bare ? key : quoted(key);
}

} // namespace starling::config
