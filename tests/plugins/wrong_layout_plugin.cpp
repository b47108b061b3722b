// A plugin built against headers in which a struct has another size.

#include "runtime/plugin/plugin_descriptor.hpp"

extern "C" const starling::plugin_descriptor* starling_plugin() {
  static constexpr auto descriptor = starling::plugin_descriptor{
    starling::plugin_abi_version, 12345,  "wrong_layout", "1",
    starling::plugin_toolchain,   nullptr};
  return &descriptor;
}
