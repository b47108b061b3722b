#include "runtime/plugin/plugin_loader.hpp"

#include "messages/error.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/plugin/plugin_abi.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace starling {

namespace fs = std::filesystem;

namespace {

constexpr const char* remedy
  = "; rebuild the plugin against the starling package of this program";

/// Closes a library that turned out to be no plugin.
struct closer {
  void operator()(void* library) const {
    ::dlclose(library);
  }
};

using library_ptr = std::unique_ptr<void, closer>;

failure refusal(ec code, const fs::path& path, std::string_view reason) {
  return {code, "plugin '" + path.string() + "': " + std::string{reason}};
}

std::string last_loader_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "the dynamic loader gives no reason";
}

/// Whoever may write to a plugin runs code as the user of this program.
result<void> check_permissions(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return refusal(ec::file_error, path, std::strerror(errno));
  if ((status.st_mode & S_IWOTH) != 0)
    return refusal(ec::permission_denied, path,
                   "everybody may write to it; chmod o-w it if you trust what "
                   "it holds");
  return {};
}

result<void> check_file(const fs::path& path) {
  auto error = std::error_code{};
  if (!fs::is_regular_file(path, error))
    return refusal(ec::file_error, path, "there is no such file");
  if (auto checked = check_permissions(path); !checked)
    return checked;
  constexpr auto magic = std::array<char, 4>{'\x7f', 'E', 'L', 'F'};
  auto start = std::array<char, 4>{};
  auto in = std::ifstream{path, std::ios::binary};
  if (!in)
    return refusal(ec::file_error, path, "it can't be read");
  in.read(start.data(), start.size());
  if (!in || start != magic)
    return refusal(ec::incompatible_plugin, path, "it is no shared library");
  return {};
}

/// All symbols are looked up now: a plugin that needs something this program
/// lacks fails here rather than in the middle of a message.
result<library_ptr> open_library(const fs::path& path) {
  auto* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr)
    return library_ptr{library};
  const auto reason = last_loader_error();
  const auto is_stale = reason.find("undefined symbol") != std::string::npos;
  return refusal(ec::incompatible_plugin, path,
                 "it can't be loaded: " + reason + (is_stale ? remedy : ""));
}

result<const plugin_descriptor*> descriptor_of(void* library,
                                               const fs::path& path) {
  auto* symbol = ::dlsym(library, plugin_entry_name);
  if (symbol == nullptr)
    return refusal(ec::incompatible_plugin, path,
                   std::string{"it exports no function '"} + plugin_entry_name
                     + "'; use STARLING_PLUGIN once in its sources");
  try {
    return reinterpret_cast<plugin_entry>(symbol)();
  } catch (...) {
    return refusal(ec::incompatible_plugin, path,
                   std::string{"'"} + plugin_entry_name + "' threw");
  }
}

bool is_plugin_name(const char* name) {
  if (name == nullptr)
    return false;
  const auto length = ::strnlen(name, plugin_name_max + 1);
  return length > 0 && length <= plugin_name_max
         && std::all_of(name, name + length, [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
                     || c == '_';
            });
}

ec code_of(const caf::error& reason) {
  auto code = ec::incompatible_plugin;
  if (reason.category() == caf::type_id_v<ec>)
    from_integer(reason.code(), code);
  return code;
}

/// Calls the plugin. Its errors and exceptions are turned into text here, as
/// long as the code that made them is certain to be there.
result<void> call_add(const plugin_descriptor& descriptor, const fs::path& path,
                      actor_catalog& catalog) {
  try {
    const auto reason = descriptor.add(catalog);
    if (!reason)
      return {};
    return refusal(code_of(reason), path,
                   "it can't add its actor types: " + to_string(reason));
  } catch (const std::exception& reason) {
    return refusal(ec::incompatible_plugin, path,
                   std::string{"it threw while adding its actor types: "}
                     + reason.what());
  } catch (...) {
    return refusal(ec::incompatible_plugin, path,
                   "it threw while adding its actor types");
  }
}

} // namespace

result<plugin_info> plugin_loader::load(const fs::path& path,
                                        actor_catalog& catalog) {
  if (loaded_.size() >= options_.plugins_max)
    return refusal(ec::limit_reached, path,
                   std::to_string(loaded_.size())
                     + " plugins are loaded already, and plugins_max is "
                     + std::to_string(options_.plugins_max));
  // One path for one file, however it is named: it is the origin under which
  // the catalog keeps the actor types.
  auto error = std::error_code{};
  const auto file = fs::canonical(path, error);
  if (error)
    return refusal(ec::file_error, path, error.message());
  if (auto checked = check_file(file); !checked)
    return checked.error();
  auto library = open_library(file);
  if (!library)
    return library.error();
  auto descriptor = descriptor_of(library->get(), file);
  if (!descriptor)
    return descriptor.error();
  if (auto checked = check_descriptor(*descriptor, file); !checked)
    return checked.error();
  // From here on its code has run, so it stays.
  static_cast<void>(library->release());
  return add(**descriptor, file, catalog);
}

result<std::vector<plugin_outcome>>
plugin_loader::load_folder(const fs::path& folder, actor_catalog& catalog) {
  auto error = std::error_code{};
  if (!fs::is_directory(folder, error))
    return failure{ec::file_error, "plugin folder '" + folder.string()
                                     + "': there is no such folder"};
  if (auto checked = check_permissions(folder); !checked)
    return checked.error();
  auto files = std::vector<fs::path>{};
  for (auto entry = fs::directory_iterator{folder, error};
       !error && entry != fs::directory_iterator{}; entry.increment(error))
    if (entry->path().extension() == ".so")
      files.push_back(entry->path());
  if (error)
    return failure{ec::file_error, "plugin folder '" + folder.string()
                                     + "': " + error.message()};
  std::sort(files.begin(), files.end());
  auto outcomes = std::vector<plugin_outcome>{};
  for (const auto& file : files)
    outcomes.push_back({file, load(file, catalog)});
  return outcomes;
}

result<void>
plugin_loader::check_descriptor(const plugin_descriptor* descriptor,
                                const fs::path& path) const {
  const auto refuse = [&path](const std::string& reason) {
    return refusal(ec::incompatible_plugin, path, reason);
  };
  if (descriptor == nullptr)
    return refuse(
      std::string{"'"} + plugin_entry_name
      + "' returns no descriptor; use STARLING_PLUGIN to define it");
  // Of another version only the first field is known.
  if (descriptor->abi_version != plugin_abi_version)
    return refuse(
      "it was built for plugin ABI " + std::to_string(descriptor->abi_version)
      + ", this program has " + std::to_string(plugin_abi_version) + remedy);
  const auto* toolchain
    = descriptor->toolchain != nullptr ? descriptor->toolchain : "";
  if (std::string_view{toolchain} != plugin_toolchain)
    return refuse(std::string{"it was built by '"} + toolchain
                  + "', this program by '" + plugin_toolchain + "'" + remedy);
  if (descriptor->layout != plugin_layout)
    return refuse("it was built against headers with other data structures"
                  + std::string{remedy});
  if (!is_plugin_name(descriptor->name))
    return refuse("its name has to be 1 to " + std::to_string(plugin_name_max)
                  + " characters of a-z, 0-9 and _");
  if (descriptor->version == nullptr || descriptor->add == nullptr)
    return refuse("its descriptor has no version or no function that adds its "
                  "actor types; use STARLING_PLUGIN to define it");
  for (const auto& other : loaded_)
    if (other.name == descriptor->name)
      return refusal(ec::duplicate_name, path,
                     other.path == path
                       ? "it is loaded already"
                       : "a plugin '" + other.name + "' was loaded from '"
                           + other.path.string()
                           + "' already; remove one of the two files");
  return {};
}

result<plugin_info> plugin_loader::add(const plugin_descriptor& descriptor,
                                       const fs::path& path,
                                       actor_catalog& catalog) {
  const auto before = catalog.names();
  catalog.origin(path.string());
  const auto added = call_add(descriptor, path, catalog);
  catalog.origin("bundled");
  if (!added) {
    catalog.remove_origin(path.string());
    return added.error();
  }
  auto info = plugin_info{descriptor.name, descriptor.version, path, {}};
  const auto after = catalog.names();
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(info.actor_types));
  loaded_.push_back(info);
  return info;
}

} // namespace starling
