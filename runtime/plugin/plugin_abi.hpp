#pragma once

#include "messages/envelope.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/plugin/plugin_descriptor.hpp"

#include <cstddef>
#include <cstdint>

namespace starling {

/// Size and alignment of what the program and its plugins share, mixed into
/// one number: a plugin that was built against another node_context is refused
/// even when somebody forgot to raise `plugin_abi_version`.
inline constexpr uint32_t plugin_layout = [] {
  // FNV-1a, 32 bit.
  auto hash = uint32_t{2166136261};
  for (size_t measure :
       {sizeof(node_context), alignof(node_context), sizeof(actor_catalog),
        sizeof(envelope), sizeof(spawn_request), sizeof(actor_type_info),
        sizeof(peer_id), sizeof(caf::error), sizeof(caf::settings)})
    hash = (hash ^ static_cast<uint32_t>(measure)) * 16777619U;
  return hash;
}();

} // namespace starling

/// Makes a shared library a plugin; stands once in one of its source files.
/// `name` and `version` are string literals, `add` is a function
/// `caf::error add(starling::actor_catalog&)`. Defines a function and a
/// constant: nothing runs when the library is loaded.
#define STARLING_PLUGIN(name, version, add)                                    \
  extern "C" __attribute__((visibility("default")))                            \
  const starling::plugin_descriptor*                                           \
  starling_plugin() {                                                          \
    static constexpr auto descriptor                                           \
      = starling::plugin_descriptor{starling::plugin_abi_version,              \
                                    starling::plugin_layout,                   \
                                    name,                                      \
                                    version,                                   \
                                    starling::plugin_toolchain,                \
                                    add};                                      \
    return &descriptor;                                                        \
  }
