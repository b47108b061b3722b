// A plugin with a name that no file system and no log would like.

#include "runtime/plugin/plugin_abi.hpp"

static caf::error add_nothing(starling::actor_catalog&) {
  return {};
}

STARLING_PLUGIN("../\n", "1", add_nothing)
