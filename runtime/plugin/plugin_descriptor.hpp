#pragma once

#include <caf/config.hpp>
#include <caf/error.hpp>

#include <cstddef>
#include <cstdint>
#include <version>

namespace starling {

class actor_catalog;

/// Version of the contract between the program and its plugins. Raise it
/// whenever something that a plugin sees changes its meaning or its order: a
/// field of `plugin_descriptor` or `node_context`, a typed interface, a
/// payload. `plugin_layout` notices changes of size by itself.
inline constexpr uint32_t plugin_abi_version = 1;

/// What a shared library tells about itself before any code of it runs. The
/// first field never moves, so that every program can read it of every plugin.
struct plugin_descriptor {
  /// `plugin_abi_version` at the time the plugin was built.
  uint32_t abi_version;
  /// `plugin_layout` at the time the plugin was built.
  uint32_t layout;
  /// a-z, 0-9 and _, up to `plugin_name_max`; one of that name is loaded only
  /// once.
  const char* name;
  /// For people, e.g. "1.0.2".
  const char* version;
  /// `plugin_toolchain` at the time the plugin was built.
  const char* toolchain;
  /// Adds the plugin's actor types. What it added is taken back when it
  /// returns an error or throws. A plugin with CAF types of its own, from
  /// `type_id_block::plugins` on, makes them known here; so a node loads its
  /// plugins before its actor system starts.
  caf::error (*add)(actor_catalog&);
};

inline constexpr size_t plugin_name_max = 64;

/// Name of the one function that a plugin exports, with C linkage:
/// `const starling::plugin_descriptor* starling_plugin()`.
inline constexpr const char* plugin_entry_name = "starling_plugin";

using plugin_entry = const plugin_descriptor* (*)();

#define STARLING_TEXT_OF_(x) #x
#define STARLING_TEXT_OF(x) STARLING_TEXT_OF_(x)

#if defined(__clang__)
#define STARLING_COMPILER "clang-" STARLING_TEXT_OF(__clang_major__)
#else
#define STARLING_COMPILER "gcc-" STARLING_TEXT_OF(__GNUC__)
#endif

#define STARLING_LIBRARY                                                       \
  "libstdc++-cxx11abi" STARLING_TEXT_OF(_GLIBCXX_USE_CXX11_ABI)

// Checked containers have another layout.
#if defined(_GLIBCXX_DEBUG)
#define STARLING_CONTAINERS "-checked"
#else
#define STARLING_CONTAINERS ""
#endif

// CAF has members that exist in checked builds only.
#if defined(CAF_ENABLE_RUNTIME_CHECKS)
#define STARLING_CAF_CHECKS "-checked"
#else
#define STARLING_CAF_CHECKS ""
#endif

// Memory that one side instruments and the other doesn't gives false alarms.
#if defined(__SANITIZE_ADDRESS__)
#define STARLING_SANITIZER " asan"
#elif defined(__SANITIZE_THREAD__)
#define STARLING_SANITIZER " tsan"
#else
#define STARLING_SANITIZER ""
#endif

/// What has to be equal in the program and a plugin, so that objects of one
/// can be used by the other: compiler and its major version, standard library
/// and its mode, CAF's version and mode, sanitizer.
///
/// Not `inline`: the loader gives a plugin the program's copy of an inline
/// variable, and the comparison would always succeed.
constexpr const char plugin_toolchain[] = STARLING_COMPILER
  " " STARLING_LIBRARY STARLING_CONTAINERS " caf-" STARLING_TEXT_OF(CAF_VERSION)
    STARLING_CAF_CHECKS STARLING_SANITIZER;

} // namespace starling
