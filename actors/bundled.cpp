#include "actors/bundled.hpp"

#include "actors/agent/replay_agent.hpp"
#include "actors/detector/stream_detector.hpp"
#include "actors/echo/json_echo.hpp"
#include "actors/experiment/experiment_orchestrator.hpp"
#include "actors/supervisor/tree_supervisor.hpp"
#include "actors/tree/summary_tree.hpp"
#include "actors/zone/zone_keeper.hpp"
#include "runtime/plugin/actor_catalog.hpp"

namespace starling {

caf::error add_bundled_actors(actor_catalog& catalog) {
  for (auto add : {agent::add_replay_agent, detector::add_stream_detector,
                   echo::add_json_echo, experiment::add_experiment_orchestrator,
                   supervisor::add_tree_supervisor, tree::add_summary_tree,
                   zone::add_zone_keeper})
    if (auto failed = add(catalog))
      return failed;
  return {};
}

} // namespace starling
