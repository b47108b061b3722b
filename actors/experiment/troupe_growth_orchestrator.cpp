// Nodes that come, or come back, while an experiment runs.

#include "actors/experiment/troupe_orchestrator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace starling::experiment {

bool troupe::wants_node(const peer_id& id) const {
  const auto found
    = std::ranges::find(nodes_, id, [](const auto& x) { return x.node.id; });
  if (found == nodes_.end())
    return nodes_.size() < troupe_nodes_max;
  const auto index = static_cast<size_t>(found - nodes_.begin());
  return !places_.alive(index) && found->wanted
         && found->joined < opts_.joins_max;
}

void troupe::add_node(experiment_node what) {
  if (stopped_ || failed_)
    return;
  const auto found = std::ranges::find(nodes_, what.id,
                                       [](const auto& x) { return x.node.id; });
  const auto index = static_cast<size_t>(found - nodes_.begin());
  const auto came = found == nodes_.end();
  if (came) {
    nodes_.emplace_back();
    places_.add_node();
  } else {
    // The end of its last spawner may still be to be heard of.
    std::erase_if(roles_, [&](const auto& x) {
      return x.second.what == part::spawner && x.second.index == index;
    });
    places_.note_alive(index);
  }
  auto& slot = nodes_[index];
  slot.node = std::move(what);
  slot.types.reset();
  slot.keeper_wired = false;
  ++slot.joined;
  ++nodes_joined_;
  watch_spawner(index);
  events_.noted({0, "", slot.node.name, "node", came ? "" : "down", "up",
                 std::nullopt,
                 fmt::format("node {} {}, and has a place in the tree",
                             slot.node.name, came ? "came" : "came back")});
  services_wired_ = false;
  heal_soon();
}

std::vector<troupe::seat> troupe::seats() const {
  auto result = std::vector<seat>{};
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.alive(i))
      result.push_back({nodes_[i].node.name, places_.watched_on(i).size(),
                        nodes_[i].joined, nodes_[i].tree});
  return result;
}

} // namespace starling::experiment
