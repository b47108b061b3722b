#pragma once

#include "runtime/plugin/plugin_descriptor.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace starling {

class actor_catalog;

/// A plugin that was loaded.
struct plugin_info {
  std::string name;
  std::string version;
  /// Absolute, symbolic links resolved; the `origin` of its actor types.
  std::filesystem::path path;
  /// The actor types it brought, by name.
  std::vector<std::string> actor_types;
};

/// What became of one file of a plugin folder.
struct plugin_outcome {
  std::filesystem::path path;
  result<plugin_info> loaded;
};

struct plugin_loader_options {
  /// Plugins loaded at most; one more is refused with limit_reached.
  size_t plugins_max = 64;
};

/// Loads shared libraries that bring actor types. A library that doesn't fit
/// is refused with an error that names file, reason and remedy, leaves nothing
/// in the catalog, and the node lives on.
///
/// A library whose `add` was called is never unloaded, not even when the loader
/// goes: actors, messages and errors that were made by its code may outlive
/// both the catalog and the loader, and nothing tells when the last one is
/// gone.
///
/// Loading runs the plugin's code with all rights of this process. The check of
/// file permissions below catches slips; it is no sandbox.
class plugin_loader {
public:
  plugin_loader() = default;

  explicit plugin_loader(const plugin_loader_options& options)
    : options_{options} {
    // nop
  }

  /// Loads one library and adds its actor types; afterwards the catalog's
  /// origin is "bundled" again. Errors: file_error (no such file),
  /// permission_denied (others may write to it), incompatible_plugin (not a
  /// shared library, symbols that this program lacks, no entry function,
  /// built for another ABI or by another toolchain), duplicate_name (of the
  /// plugin or of an actor type), limit_reached, and those of its `add`.
  result<plugin_info> load(const std::filesystem::path& path,
                           actor_catalog& catalog);

  /// Loads all files `*.so` of a folder, in the order of their names, and says
  /// what became of each; a bad one doesn't keep the next from loading. Errors:
  /// file_error (no such folder), permission_denied (others may write to it).
  result<std::vector<plugin_outcome>>
  load_folder(const std::filesystem::path& folder, actor_catalog& catalog);

  /// Returns what was loaded, in that order.
  [[nodiscard]] const std::vector<plugin_info>& loaded() const noexcept {
    return loaded_;
  }

private:
  result<void> check_descriptor(const plugin_descriptor* descriptor,
                                const std::filesystem::path& path) const;

  result<plugin_info> add(const plugin_descriptor& descriptor,
                          const std::filesystem::path& path,
                          actor_catalog& catalog);

  plugin_loader_options options_;
  std::vector<plugin_info> loaded_;
};

} // namespace starling
