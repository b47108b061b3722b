// A plugin that adds an actor type and then fails by an exception.

#include "runtime/plugin/plugin_abi.hpp"

#include <stdexcept>

namespace {

using namespace starling;

caf::error add_and_throw(actor_catalog& catalog) {
  auto err = catalog.add<caf::actor>(
    "left-over", "must not stay",
    [](node_context&, const caf::settings&) -> caf::expected<caf::actor> {
      return caf::make_error(ec::limit_reached);
    });
  if (err)
    return err;
  throw std::runtime_error{"the sensor is unplugged"};
}

} // namespace

STARLING_PLUGIN("throwing", "1", add_and_throw)
