// A plugin whose containers have another layout than those of the program.

#define _GLIBCXX_DEBUG

#include "runtime/plugin/plugin_abi.hpp"

static caf::error add_nothing(starling::actor_catalog&) {
  return {};
}

STARLING_PLUGIN("checked", "1", add_nothing)
