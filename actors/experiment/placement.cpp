#include "actors/experiment/placement.hpp"

#include <algorithm>
#include <cassert>

namespace starling::experiment {

placement::placement(size_t nodes, size_t entities)
  : alive_(nodes, true),
    agents_(nodes),
    detectors_(nodes),
    places_(entities) {
  assert(nodes > 0);
  for (size_t i = 0; i < entities; ++i) {
    places_[i] = {i % nodes, (i + 1) % nodes};
    ++agents_[places_[i].agent];
    ++detectors_[places_[i].detector];
  }
}

void placement::note_dead(size_t node) {
  alive_[node] = false;
}

void placement::note_alive(size_t node) {
  alive_[node] = true;
}

size_t placement::add_node() {
  alive_.push_back(true);
  agents_.push_back(0);
  detectors_.push_back(0);
  return alive_.size() - 1;
}

bool placement::any_alive() const {
  return std::ranges::find(alive_, true) != alive_.end();
}

void placement::move_agent(size_t entity) {
  auto& where = places_[entity];
  move(where.agent, agents_, where.detector);
}

void placement::move_detector(size_t entity) {
  auto& where = places_[entity];
  move(where.detector, detectors_, where.agent);
}

void placement::move(size_t& where, std::vector<size_t>& use, size_t avoid) {
  const auto to = least_used(use, where, avoid);
  --use[where];
  ++use[to];
  where = to;
}

std::vector<size_t> placement::watched_on(size_t node) const {
  auto result = std::vector<size_t>{};
  for (size_t i = 0; i < places_.size(); ++i)
    if (places_[i].detector == node)
      result.push_back(i);
  return result;
}

size_t placement::least_used(const std::vector<size_t>& use, size_t from,
                             size_t avoid) const {
  assert(any_alive());
  auto best = std::optional<size_t>{};
  for (size_t step = 1; step <= alive_.size(); ++step)
    if (const auto node = (from + step) % alive_.size();
        alive_[node] && node != avoid && (!best || use[node] < use[*best]))
      best = node;
  return best.value_or(avoid);
}

} // namespace starling::experiment
