#include "runtime/config/document.hpp"

#include "runtime/config/toml.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace starling::config {

namespace {

constexpr size_t dots_max = 250;

/// Returns the number of the first line with too many dots, or 0. Dots within
/// strings count as well: what is inside a string is not known before parsing,
/// and sixty addresses fit into a line.
size_t overly_dotted_line(std::string_view text) {
  auto line = size_t{1};
  auto dots = size_t{0};
  for (auto c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && ++dots > dots_max) {
      return line;
    }
  }
  return 0;
}

struct text_position {
  size_t line = 1;
  size_t column = 1;
};

/// Returns what ends the string or comment that begins `rest`; empty if none
/// begins there.
std::string_view end_of_quoted(std::string_view rest) {
  for (std::string_view quote : {"\"\"\"", "'''", "\"", "'"})
    if (rest.starts_with(quote))
      return quote;
  return rest.starts_with('#') ? "\n" : "";
}

/// Returns the first byte beyond ASCII outside strings and comments, where TOML
/// allows none. toml++ 3.3 has undefined behaviour on a letter of another
/// alphabet where it expects a key, so it does not get to see one.
std::optional<text_position> find_stray_letter(std::string_view text) {
  auto at = text_position{};
  // The end of what the text is in; empty outside strings and comments.
  auto end = std::string_view{};
  for (size_t i = 0; i < text.size();) {
    const auto rest = text.substr(i);
    auto step = size_t{1};
    if (end.empty()) {
      if (static_cast<unsigned char>(text[i]) >= 0x80)
        return at;
      end = end_of_quoted(rest);
      step = std::max<size_t>(1, end == "\n" ? 1 : end.size());
    } else if (text[i] == '\\' && end.starts_with('"')) {
      step = std::min<size_t>(2, rest.size());
    } else if (rest.starts_with(end)) {
      step = end.size();
      end = {};
    } else if (text[i] == '\n' && end.size() == 1) {
      // A string that nobody closed; the parser says so.
      end = {};
    }
    for (auto c : text.substr(i, step))
      at = c == '\n' ? text_position{at.line + 1, 1}
                     : text_position{at.line, at.column + 1};
    i += step;
  }
  return std::nullopt;
}

} // namespace

result<document> document::parse(std::string_view text, std::string file_name) {
  const auto wrong
    = [&file_name](std::string_view where, std::string_view why) {
        return failure{ec::malformed_input,
                       fmt::format("{}:{} {}", file_name, where, why)};
      };
  if (text.size() > size_max)
    return wrong("", fmt::format("{} bytes are too long for a configuration, "
                                 "at most {} are read",
                                 text.size(), size_max));
  if (const auto line = overly_dotted_line(text))
    return wrong(
      fmt::format("{}:", line),
      fmt::format("more than {} dots in one line, split it", dots_max));
  if (const auto stray = find_stray_letter(text))
    return wrong(
      fmt::format("{}:{}:", stray->line, stray->column),
      "a letter beyond ASCII outside of a string: put keys with such "
      "letters in quotes");
  auto parsed = toml::parse(text, file_name);
  if (!parsed) {
    const auto& error = parsed.error();
    const auto& begin = error.source().begin;
    return wrong(fmt::format("{}:{}:", begin.line, begin.column),
                 error.description());
  }
  auto content = std::make_shared<parsed_toml>();
  content->root = std::move(parsed).table();
  return document{std::move(file_name), std::move(content)};
}

result<document> document::load(const std::filesystem::path& file) {
  const auto text = read_text_file(file, size_max);
  if (!text)
    return text.error();
  return parse(*text, file.string());
}

reader document::root() const {
  return reader::over(content_, file_);
}

} // namespace starling::config
