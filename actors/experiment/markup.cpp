#include "actors/experiment/markup.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

namespace starling::experiment {

namespace {

constexpr std::string_view replacement = "\ufffd";

uint8_t byte_at(std::string_view text, size_t pos) {
  return pos < text.size() ? static_cast<uint8_t>(text[pos]) : uint8_t{0};
}

bool continues(uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

/// Length of the UTF-8 sequence at `pos`, or 0 if there is none.
/// Source: The Unicode Standard 15, table 3-7.
size_t sequence_length(std::string_view text, size_t pos) {
  const auto a = byte_at(text, pos);
  const auto b = byte_at(text, pos + 1);
  if (a >= 0xc2 && a <= 0xdf)
    return continues(b) ? 2 : 0;
  const auto c_fits = continues(byte_at(text, pos + 2));
  if (a >= 0xe0 && a <= 0xef) {
    const auto low = a == 0xe0 ? 0xa0 : 0x80;
    const auto high = a == 0xed ? 0x9f : 0xbf;
    return b >= low && b <= high && c_fits ? 3 : 0;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const auto low = a == 0xf0 ? 0x90 : 0x80;
    const auto high = a == 0xf4 ? 0x8f : 0xbf;
    const auto d_fits = continues(byte_at(text, pos + 3));
    return b >= low && b <= high && c_fits && d_fits ? 4 : 0;
  }
  return 0;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '\t':
    case '\n':
      out += c;
      break;
    default:
      if (c < ' ' || c == '\x7f')
        out += replacement;
      else
        out += c;
  }
}

} // namespace

std::string escaped(std::string_view text) {
  auto out = std::string{};
  out.reserve(text.size());
  for (auto pos = size_t{0}; pos < text.size();) {
    if (byte_at(text, pos) < 0x80) {
      append_ascii(out, text[pos++]);
      continue;
    }
    const auto length = sequence_length(text, pos);
    if (length == 0) {
      out += replacement;
      ++pos;
      continue;
    }
    out += text.substr(pos, length);
    pos += length;
  }
  return out;
}

std::string figure_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3f}", value)
                              : std::string{no_figure};
}

std::string percent_text(double share) {
  if (!std::isfinite(share))
    return std::string{no_figure};
  const auto percent = 100.0 * share;
  if (percent == 0.0)
    return "0\u202f%";
  return percent >= 10.0  ? fmt::format("{:.0f}\u202f%", percent)
         : percent >= 1.0 ? fmt::format("{:.1f}\u202f%", percent)
                          : fmt::format("{:.2f}\u202f%", percent);
}

std::string count_text(size_t value) {
  const auto digits = fmt::format("{}", value);
  auto out = std::string{};
  for (auto i = size_t{0}; i < digits.size(); ++i) {
    // Four digits read well in one piece.
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits.size() > 4)
      out += "\u202f";
    out += digits[i];
  }
  return out;
}

std::string bytes_text(size_t bytes) {
  if (bytes < 1000)
    return fmt::format("{}\u202fB", bytes);
  auto value = static_cast<double>(bytes);
  auto unit = size_t{0};
  constexpr auto units = std::string_view{"BkMGTPE"};
  // 999.95 would be shown as 1000.0 of the smaller unit.
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit)
    value /= 1000.0;
  return fmt::format("{:.1f}\u202f{}B", value, units[unit]);
}

std::string rows_text(std::optional<double> rows) {
  return rows && std::isfinite(*rows) ? fmt::format("{:.6g}", *rows)
                                      : std::string{no_figure};
}

} // namespace starling::experiment
