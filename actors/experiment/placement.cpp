#include "actors/experiment/placement.hpp"

#include <algorithm>
#include <cassert>

namespace starling::experiment {

placement::placement(size_t nodes, size_t entities)
  : alive_(nodes, true),
    places_(entities) {
  assert(nodes > 0);
  for (size_t i = 0; i < entities; ++i)
    places_[i] = {i % nodes, (i + 1) % nodes};
}

void placement::note_dead(size_t node) {
  alive_[node] = false;
}

bool placement::any_alive() const {
  return std::ranges::find(alive_, true) != alive_.end();
}

void placement::move_agent(size_t entity) {
  auto& where = places_[entity];
  where.agent = next_alive(where.agent, where.detector);
}

void placement::move_detector(size_t entity) {
  auto& where = places_[entity];
  where.detector = next_alive(where.detector, where.agent);
}

std::vector<size_t> placement::watched_on(size_t node) const {
  auto result = std::vector<size_t>{};
  for (size_t i = 0; i < places_.size(); ++i)
    if (places_[i].detector == node)
      result.push_back(i);
  return result;
}

size_t placement::next_alive(size_t from, size_t avoid) const {
  assert(any_alive());
  const auto nodes = alive_.size();
  for (size_t step = 1; step <= nodes; ++step)
    if (const auto node = (from + step) % nodes; alive_[node] && node != avoid)
      return node;
  return avoid;
}

} // namespace starling::experiment
