#include "messages/message_types.hpp"

#include "messages/agent.hpp"
#include "messages/audit.hpp"
#include "messages/bridge.hpp"
#include "messages/detector.hpp"
#include "messages/discovery.hpp"
#include "messages/envelope.hpp"
#include "messages/error.hpp"
#include "messages/experiment.hpp"
#include "messages/link.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "messages/peer.hpp"
#include "messages/router.hpp"
#include "messages/spawner.hpp"
#include "messages/supervisor.hpp"
#include "messages/tree.hpp"
#include "messages/zone.hpp"

#include <caf/init_global_meta_objects.hpp>
#include <caf/io/middleman.hpp>

namespace starling {

void init_message_types() {
  // One block a call: several in one call need ranges without gaps.
  caf::init_global_meta_objects<caf::id_block::starling_common>();
  caf::init_global_meta_objects<caf::id_block::starling_link>();
  caf::init_global_meta_objects<caf::id_block::starling_mesh>();
  caf::init_global_meta_objects<caf::id_block::starling_membership>();
  caf::init_global_meta_objects<caf::id_block::starling_router>();
  caf::init_global_meta_objects<caf::id_block::starling_spawner>();
  caf::init_global_meta_objects<caf::id_block::starling_supervisor>();
  caf::init_global_meta_objects<caf::id_block::starling_envelope>();
  caf::init_global_meta_objects<caf::id_block::starling_bridge>();
  caf::init_global_meta_objects<caf::id_block::starling_peer>();
  caf::init_global_meta_objects<caf::id_block::starling_audit>();
  caf::init_global_meta_objects<caf::id_block::starling_discovery>();
  caf::init_global_meta_objects<caf::id_block::starling_detector>();
  caf::init_global_meta_objects<caf::id_block::starling_tree>();
  caf::init_global_meta_objects<caf::id_block::starling_zone>();
  caf::init_global_meta_objects<caf::id_block::starling_agent>();
  caf::init_global_meta_objects<caf::id_block::starling_experiment>();
  caf::io::middleman::init_global_meta_objects();
  caf::core::init_global_meta_objects();
}

} // namespace starling
