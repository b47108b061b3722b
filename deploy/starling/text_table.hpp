#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace starling::cli {

/// A table for people: columns as wide as what is in them, two blanks between,
/// numbers to the right. Control characters, which other nodes' names might
/// bring to a terminal, become '?'.
class text_table {
public:
  explicit text_table(std::vector<std::string> header);

  /// Adds a row; missing cells are empty. @pre no more cells than the header.
  void add(std::vector<std::string> row);

  [[nodiscard]] std::string text() const;

private:
  std::vector<std::vector<std::string>> rows_;
};

/// Returns how many columns a UTF-8 text takes, one a code point.
[[nodiscard]] size_t columns_of(std::string_view text);

/// Returns bytes as people read them: "512 B", "3.4 kB", "1.2 GB"; powers of
/// 1000.
[[nodiscard]] std::string human_bytes(double bytes);

/// Returns a duration as people read it: "340 us", "1.2 ms", "2 min 5 s",
/// "3 d 4 h".
[[nodiscard]] std::string human_duration(double seconds);

} // namespace starling::cli
