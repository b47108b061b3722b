#include "runtime/config/document.hpp"

#include "runtime/config/toml.hpp"
#include "runtime/file_io.hpp"

#include <fmt/format.h>

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
