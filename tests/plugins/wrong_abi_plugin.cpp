// A plugin for a version of the ABI that doesn't exist. Behind the version
// everything may differ, so the rest of the descriptor would crash its reader.

#include "runtime/plugin/plugin_descriptor.hpp"

#include <cstdint>

extern "C" const starling::plugin_descriptor* starling_plugin() {
  static constexpr uint64_t words[] = {999, 1, 1, 1, 1, 1};
  return reinterpret_cast<const starling::plugin_descriptor*>(words);
}
