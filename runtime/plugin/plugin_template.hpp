#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace starling {

struct plugin_template_options {
  /// The new plugin: a-z, 0-9 and single _ in between, a letter first, up to
  /// `plugin_template_name_max` characters.
  std::string name;
  /// Where to write it; must not exist, its parent must.
  std::filesystem::path folder;
  /// What to write: see `find_plugin_templates`.
  std::filesystem::path templates;
  /// Any random number, for the id of the plugin's Cap'n Proto schema: ids
  /// have to differ between plugins.
  uint64_t seed = 0;
};

inline constexpr size_t plugin_template_name_max = 40;

/// Returns the folder of templates that belongs to a program:
/// `../share/starling/templates/plugin` beside it, in the installed as in the
/// build tree. `program` is the absolute path of the executable. Errors:
/// file_error (not there).
[[nodiscard]] result<std::filesystem::path>
find_plugin_templates(const std::filesystem::path& program);

/// Writes the skeleton of a plugin that builds, loads and passes its own test,
/// and returns the files it wrote. Every file of the template folder that ends
/// in ".in" is written without that ending; in name and content NAME (in the
/// content @NAME@) becomes the plugin's name, @TYPE@ the same in CamelCase,
/// @SCHEMA_ID@ a fresh Cap'n Proto id. When it fails it leaves nothing behind.
/// Errors: invalid_option (name), duplicate_name (the folder exists),
/// file_error (templates can't be read, files can't be written).
result<std::vector<std::filesystem::path>>
write_plugin_skeleton(const plugin_template_options& options);

/// Says whether a plugin may be called so; the name becomes part of C++ and
/// Cap'n Proto names.
[[nodiscard]] bool is_plugin_template_name(std::string_view name);

} // namespace starling
