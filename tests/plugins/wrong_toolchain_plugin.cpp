// A plugin that says it comes from another compiler.

#include "runtime/plugin/plugin_descriptor.hpp"

extern "C" const starling::plugin_descriptor* starling_plugin() {
  static constexpr auto descriptor = starling::plugin_descriptor{
    starling::plugin_abi_version,         0,      "wrong_toolchain", "1",
    "gcc-9 libstdc++-cxx11abi0 caf-1700", nullptr};
  return &descriptor;
}
