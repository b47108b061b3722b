#include "deploy/starling/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <utility>

namespace starling::cli {

namespace {

bool is_number(std::string_view text) {
  return !text.empty()
         && (std::isdigit(static_cast<unsigned char>(text[0])) != 0
             || (text[0] == '-' && text.size() > 1))
         && std::ranges::all_of(text, [](char c) {
              return std::isdigit(static_cast<unsigned char>(c)) != 0
                     || c == '.' || c == '-' || c == '%';
            });
}

std::string without_controls(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return text;
}

} // namespace

text_table::text_table(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
}

void text_table::add(std::vector<std::string> row) {
  assert(row.size() <= rows_.front().size());
  row.resize(rows_.front().size());
  std::ranges::transform(row, row.begin(), without_controls);
  rows_.push_back(std::move(row));
}

std::string text_table::text() const {
  const auto columns = rows_.front().size();
  auto widths = std::vector<size_t>(columns, 0);
  auto numeric = std::vector<bool>(columns, rows_.size() > 1);
  for (size_t r = 0; r < rows_.size(); ++r)
    for (size_t c = 0; c < columns; ++c) {
      widths[c] = std::max(widths[c], columns_of(rows_[r][c]));
      if (r > 0 && !rows_[r][c].empty() && !is_number(rows_[r][c]))
        numeric[c] = false;
    }
  auto text = std::string{};
  for (const auto& row : rows_) {
    auto line = std::string{};
    for (size_t c = 0; c < columns; ++c) {
      const auto blanks = std::string(widths[c] - columns_of(row[c]), ' ');
      line += c > 0 ? "  " : "";
      line += numeric[c] ? blanks + row[c] : row[c] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

size_t columns_of(std::string_view text) {
  // Continuation bytes are 10xxxxxx: RFC 3629 section 3.
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string human_bytes(double bytes) {
  static constexpr auto units
    = std::to_array<const char*>({"B", "kB", "MB", "GB", "TB", "PB"});
  size_t unit = 0;
  // From 999.5 on, three digits would round to 1000.
  while (bytes >= 999.5 && unit + 1 < units.size()) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes)
                   : fmt::format("{:.{}f} {}", bytes, bytes < 99.95 ? 1 : 0,
                                 units[unit]);
}

std::string human_duration(double seconds) {
  if (seconds < 999.5e-6)
    return fmt::format("{:.0f} us", seconds * 1e6);
  if (seconds < 0.9995)
    return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 60)
    return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<uint64_t>(seconds);
  if (whole < 3600)
    return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 86'400)
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} d {} h", whole / 86'400, whole % 86'400 / 3600);
}

} // namespace starling::cli
