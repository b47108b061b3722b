// Another file with the name of the plugin in counter_plugin.cpp.

#include "runtime/plugin/plugin_abi.hpp"

static caf::error add_nothing(starling::actor_catalog&) {
  return {};
}

STARLING_PLUGIN("counter", "9", add_nothing)
