// What the program finds when it loads greeter.so.

#include "greeter_actor.hpp"
#include "runtime/plugin/plugin_abi.hpp"

STARLING_PLUGIN("greeter", "1.0.0", greeter::add_greeter)
