#include "actors/experiment/troupe_orchestrator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace starling::experiment {

// -- what the orchestrator tells and asks -------------------------------------

void troupe::note_down(const caf::actor_addr& ended, const caf::error& reason) {
  if (stopped_)
    return;
  const auto [begin, end] = roles_.equal_range(ended);
  auto lost = std::vector<role>{};
  for (auto i = begin; i != end; ++i)
    lost.push_back(i->second);
  for (const auto& [what, index] : lost) {
    switch (what) {
      case part::spawner:
        lose_node(index, reason);
        break;
      case part::keeper:
      case part::tree:
        lose_services(index, reason);
        break;
      case part::agent:
        lose_agent(index, reason);
        break;
      case part::detector:
        lose_detector(index, reason);
        break;
    }
  }
}

void troupe::note_failed(size_t entity, uint32_t attempt,
                         const caf::error& reason) {
  const auto& slot = entities_[entity];
  // What failed since its detector died is being healed already.
  if (!stopped_ && slot.streaming && slot.attempt == attempt)
    lose_detector(entity, reason);
}

void troupe::note_work(size_t entity, uint64_t rows) {
  auto& known = entities_[entity].work_rows;
  known = std::max(known, rows);
}

void troupe::note_finished(size_t entity, uint32_t attempt) {
  auto& slot = entities_[entity];
  if (slot.streaming && slot.attempt == attempt)
    slot.finished = true;
}

void troupe::note_horizon(const caf::actor_addr& sender, uint64_t rows) {
  const auto found = roles_.find(sender);
  if (found != roles_.end() && found->second.what == part::keeper)
    nodes_[found->second.index].horizon = rows;
}

std::optional<size_t> troupe::find_entity(const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end())
    return std::nullopt;
  return found->second;
}

bool troupe::all_finished() const {
  if (!std::ranges::all_of(entities_, &entity_slot::finished))
    return false;
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.watches(i) && nodes_[i].horizon != horizon_end)
      return false;
  return true;
}

uint64_t troupe::rows_total() const {
  auto total = uint64_t{0};
  for (const auto& slot : entities_) {
    if (!slot.what)
      return 0;
    total += slot.what->training_rows + slot.what->live_rows;
  }
  return total;
}

uint64_t troupe::live_rows(size_t entity) const {
  const auto& what = entities_[entity].what;
  return what ? what->live_rows : 0;
}

const std::string& troupe::node_of(size_t entity) const {
  return nodes_[places_.agent_node(entity)].node.name;
}

std::string troupe::waiting_text() const {
  auto result = std::string{};
  for (const auto& slot : entities_)
    if (!slot.finished)
      result
        += fmt::format(", {} {}", slot.name,
                       slot.streaming ? "has not ended" : "is not streamed");
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.watches(i) && nodes_[i].horizon != horizon_end)
      result += fmt::format(", node {} has judged {} rows", nodes_[i].node.name,
                            nodes_[i].horizon);
  return result.empty() ? result : result.substr(2);
}

// -- failures -----------------------------------------------------------------

void troupe::lose_node(size_t node, const caf::error& reason) {
  if (!places_.alive(node))
    return;
  places_.note_dead(node);
  ++nodes_lost_;
  forget_asked(nodes_[node].node.spawner.address());
  const auto& name = nodes_[node].node.name;
  events_.noted({0, "", name, "node", "up", "down", std::nullopt,
                 fmt::format("node {} is lost: {}", name, to_string(reason))});
  dismiss(nodes_[node].keeper);
  dismiss(nodes_[node].tree);
  if (!places_.any_alive()) {
    fail(caf::make_error(ec::unreachable,
                         fmt::format("experiment: no node is left; the last, "
                                     "{}, was lost: {}",
                                     name, to_string(reason))));
    return;
  }
  for (size_t i = 0; i < entities_.size(); ++i) {
    if (places_.detector_node(i) == node)
      lose_detector(i, reason);
    if (places_.agent_node(i) == node)
      lose_agent(i, reason);
  }
  rewire_services();
  heal_soon();
}

/// Keeper and tree of a node stand for each other's knowledge of its agents, so
/// both are replaced, and those agents begin anew.
void troupe::lose_services(size_t node, const caf::error& reason) {
  const auto& name = nodes_[node].node.name;
  events_.noted({0, "", name, "restart", "", "", std::nullopt,
                 fmt::format("keeper and tree of node {} are replaced: {}",
                             name, to_string(reason))});
  dismiss(nodes_[node].keeper);
  dismiss(nodes_[node].tree);
  for (auto entity : places_.watched_on(node)) {
    dismiss(entities_[entity].detector);
    restart(entity, "zone keeper", reason);
  }
  rewire_services();
  heal_soon();
}

void troupe::lose_agent(size_t entity, const caf::error& reason) {
  dismiss(entities_[entity].agent);
  if (stopped_)
    return;
  places_.move_agent(entity);
  restart(entity, "agent", reason);
}

void troupe::lose_detector(size_t entity, const caf::error& reason) {
  dismiss(entities_[entity].detector);
  if (stopped_)
    return;
  places_.move_detector(entity);
  restart(entity, "detector", reason);
  // Another keeper judges it now.
  rewire_services();
}

void troupe::rewire_services() {
  services_wired_ = false;
  for (auto& slot : nodes_)
    slot.keeper_wired = false;
}

/// Lets an entity begin anew. What else it loses in the same failure does not
/// count as another one.
void troupe::restart(size_t entity, const std::string& what,
                     const caf::error& reason) {
  auto& slot = entities_[entity];
  slot.finished = false;
  players_wired_ = false;
  heal_soon();
  if (!std::exchange(slot.streaming, false))
    return;
  ++restarts_;
  events_.noted({0, slot.name, node_of(entity), "restart", "", "", std::nullopt,
                 fmt::format("its {} was lost: {}; streamed again, watched "
                             "from node {}",
                             what, to_string(reason),
                             nodes_[places_.detector_node(entity)].node.name)});
  if (slot.attempt > opts_.restarts_max)
    fail(caf::make_error(ec::limit_reached,
                         fmt::format("experiment: entity '{}' failed {} times, "
                                     "the last time since its {} was lost: {}",
                                     slot.name, slot.attempt, what,
                                     to_string(reason))));
}

void troupe::heal_soon() {
  if (stopped_ || std::exchange(healing_, true))
    return;
  self_->run_delayed(opts_.heal_delay, [weak = weak_from_this()] {
    if (auto alive = weak.lock()) {
      alive->healing_ = false;
      alive->step();
    }
  });
}

void troupe::fail(caf::error reason) {
  if (!stopped_ && !std::exchange(failed_, true))
    events_.failed(std::move(reason));
}

} // namespace starling::experiment
