#include "runtime/plugin/plugin_template.hpp"

#include "runtime/file_io.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace starling {

namespace fs = std::filesystem;

namespace {

constexpr size_t template_bytes_max = size_t{64} * 1024;
constexpr size_t templates_max = 64;
constexpr const char* template_ending = ".in";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/// "red_kite2" gives "RedKite2".
std::string camel_case(std::string_view name) {
  auto result = std::string{};
  auto starts_word = true;
  for (auto c : name) {
    if (c == '_') {
      starts_word = true;
      continue;
    }
    const auto raise = starts_word && is_lower(c);
    result += raise ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = false;
  }
  return result;
}

std::string replace_all(std::string text, std::string_view from,
                        std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Returns the template files, sorted, so that every run does the same.
result<std::vector<fs::path>> list_templates(const fs::path& folder) {
  auto found = std::vector<fs::path>{};
  auto error = std::error_code{};
  for (auto entry = fs::directory_iterator{folder, error};
       !error && entry != fs::directory_iterator{}; entry.increment(error))
    if (entry->path().extension() == template_ending)
      found.push_back(entry->path());
  if (error)
    return failure{ec::file_error,
                   fmt::format("plugin templates '{}': {}", folder.string(),
                               error.message())};
  if (found.empty() || found.size() > templates_max)
    return failure{ec::file_error,
                   fmt::format("plugin templates '{}': {} files ending in "
                               "'{}', between 1 and {} were expected; install "
                               "starling again",
                               folder.string(), found.size(), template_ending,
                               templates_max)};
  std::sort(found.begin(), found.end());
  return found;
}

result<fs::path> write_one(const fs::path& from,
                           const plugin_template_options& options) {
  auto text = read_text_file(from, template_bytes_max);
  if (!text)
    return text.error();
  // The compiler of schemas takes ids with the highest bit set only.
  const auto schema_id = options.seed | uint64_t{1} << 63;
  *text = replace_all(std::move(*text), "@NAME@", options.name);
  *text = replace_all(std::move(*text), "@TYPE@", camel_case(options.name));
  *text = replace_all(std::move(*text), "@SCHEMA_ID@",
                      fmt::format("@0x{:016x}", schema_id));
  const auto file
    = options.folder / replace_all(from.stem().string(), "NAME", options.name);
  if (auto written = write_file_atomically(file, *text, 0644); !written)
    return written.error();
  return file;
}

} // namespace

result<fs::path> find_plugin_templates(const fs::path& program) {
  const auto prefix = program.parent_path().parent_path();
  auto folder = prefix / "share" / "starling" / "templates" / "plugin";
  auto error = std::error_code{};
  if (fs::is_directory(folder, error))
    return folder;
  return failure{ec::file_error,
                 fmt::format("plugin templates '{}': there is no such folder; "
                             "install starling with `cmake --install`, which "
                             "brings it along",
                             folder.string())};
}

bool is_plugin_template_name(std::string_view name) {
  // Two underscores in a row, and one at the end before a suffix, would make
  // names that C++ keeps for itself; starling_plugin is the entry function.
  if (name.empty() || name.size() > plugin_template_name_max
      || !is_lower(name.front()) || name.back() == '_'
      || name.find("__") != std::string_view::npos || name == "starling")
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower(c) || (c >= '0' && c <= '9') || c == '_';
  });
}

result<std::vector<fs::path>>
write_plugin_skeleton(const plugin_template_options& options) {
  if (!is_plugin_template_name(options.name))
    return failure{ec::invalid_option,
                   fmt::format("a plugin's name is 1 to {} characters of a-z, "
                               "0-9 and single _ in between, a letter first, "
                               "e.g. 'word_count'",
                               plugin_template_name_max)};
  const auto templates = list_templates(options.templates);
  if (!templates)
    return templates.error();
  auto error = std::error_code{};
  if (!fs::create_directory(options.folder, error)) {
    if (error)
      return failure{ec::file_error,
                     fmt::format("folder '{}' can't be made: {}",
                                 options.folder.string(), error.message())};
    return failure{ec::duplicate_name,
                   fmt::format("folder '{}' exists already and is left as it "
                               "is; choose another name, or remove it",
                               options.folder.string())};
  }
  auto files = std::vector<fs::path>{};
  for (const auto& from : *templates) {
    auto file = write_one(from, options);
    if (!file) {
      fs::remove_all(options.folder, error);
      return file.error();
    }
    files.push_back(std::move(*file));
  }
  return files;
}

} // namespace starling
