// A plugin that needs a function which this program lacks.

#include "runtime/plugin/plugin_descriptor.hpp"

extern "C" int starling_function_of_tomorrow();

extern "C" const starling::plugin_descriptor* starling_plugin() {
  return starling_function_of_tomorrow() == 0 ? nullptr : nullptr;
}
