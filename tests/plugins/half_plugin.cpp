// A plugin whose second actor type has a name that is taken, "taken".

#include "runtime/plugin/plugin_abi.hpp"

namespace {

using namespace starling;

caf::expected<caf::actor> spawn_nothing(node_context&, const caf::settings&) {
  return caf::make_error(ec::limit_reached);
}

caf::error add_two(actor_catalog& catalog) {
  if (auto err = catalog.add<caf::actor>("half", "is free", spawn_nothing))
    return err;
  return catalog.add<caf::actor>("taken", "is not", spawn_nothing);
}

} // namespace

STARLING_PLUGIN("half", "1", add_two)
