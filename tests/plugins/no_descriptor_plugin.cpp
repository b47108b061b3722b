// A plugin whose entry function returns nothing.

#include "runtime/plugin/plugin_descriptor.hpp"

extern "C" const starling::plugin_descriptor* starling_plugin() {
  return nullptr;
}
