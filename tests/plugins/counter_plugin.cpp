// A plugin as it should be: an actor type that counts what it is asked.

#include "runtime/plugin/plugin_abi.hpp"
#include "tests/plugins/shared_count.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace {

using namespace starling;

using counter_actor = caf::typed_actor<caf::result<uint64_t>(envelope)>;

counter_actor::behavior_type count_messages() {
  return {[](const envelope&) { return ++test::shared_count(); }};
}

caf::error add_counter(actor_catalog& catalog) {
  return catalog.add<counter_actor>(
    "counter", "counts messages; takes no options",
    [](node_context& node,
       const caf::settings&) -> caf::expected<counter_actor> {
      return node.system->spawn(count_messages);
    });
}

} // namespace

STARLING_PLUGIN("counter", "1.2.3", add_counter)
