#include "actors/router/route_table.hpp"

#include <utility>

namespace starling::router {

route_table::route_table(const peer_id& self, const options& opts)
  : self_{self},
    weights_{opts.weights},
    topology_{opts.bounds} {
  // nop
}

result<bool> route_table::apply(advert x, clock::time_point now) {
  auto outcome = topology_.apply(std::move(x), now);
  stale_ |= outcome && *outcome;
  return outcome;
}

bool route_table::remove(const peer_id& node) {
  const auto known = topology_.remove(node);
  stale_ |= known;
  return known;
}

size_t route_table::expire(clock::time_point now) {
  const auto count = topology_.expire(now);
  stale_ |= count > 0;
  return count;
}

void route_table::avoid(node_set nodes) {
  stale_ |= nodes != avoided_;
  avoided_ = std::move(nodes);
}

bool route_table::discount(node_set nodes) {
  const auto is_other = nodes != unproven_;
  stale_ |= is_other;
  unproven_ = std::move(nodes);
  return is_other;
}

bool route_table::avoids(const peer_id& node) const {
  return avoided_.contains(node);
}

void route_table::cut(const peer_id& neighbour) {
  stale_ |= cut_.insert(neighbour).second;
}

void route_table::restore(const peer_id& neighbour) {
  stale_ |= cut_.erase(neighbour) > 0;
}

result<route> route_table::route_to(const peer_id& destination) {
  if (avoids(destination))
    return failure{ec::quarantined,
                   "node " + short_name(destination) + " is cut off"};
  const auto& now = paths();
  if (destination == self_ || !now.next_hop(destination))
    return failure{ec::unreachable,
                   destination == self_
                     ? "no node is on the way to itself"
                     : "no way leads to node " + short_name(destination)};
  return route_from(now, destination);
}

result<std::vector<peer_id>> route_table::path_to(const peer_id& destination) {
  auto there = route_to(destination);
  if (!there)
    return there.error();
  return paths().path(destination);
}

std::vector<route> route_table::routes() {
  const auto& now = paths();
  auto result = std::vector<route>{};
  for (const auto& destination : now.destinations())
    result.push_back(route_from(now, destination));
  return result;
}

std::vector<route_change> route_table::changes() {
  const auto& now = paths();
  auto current = std::map<peer_id, peer_id>{};
  for (const auto& destination : now.destinations())
    current.emplace(destination, *now.next_hop(destination));
  auto result = std::vector<route_change>{};
  auto was = reported_.begin();
  auto is = current.begin();
  while (was != reported_.end() || is != current.end()) {
    if (is == current.end()
        || (was != reported_.end() && was->first < is->first)) {
      result.push_back({was->first, was->second, std::nullopt});
      ++was;
    } else if (was == reported_.end() || is->first < was->first) {
      result.push_back({is->first, std::nullopt, is->second});
      ++is;
    } else {
      if (was->second != is->second)
        result.push_back({is->first, was->second, is->second});
      ++was;
      ++is;
    }
  }
  reported_ = std::move(current);
  return result;
}

const shortest_paths& route_table::paths() {
  if (stale_) {
    paths_
      = shortest_paths{topology_, self_, weights_, avoided_, cut_, unproven_};
    stale_ = false;
  }
  return paths_;
}

route route_table::route_from(const shortest_paths& from,
                              const peer_id& destination) const {
  return {destination, *from.next_hop(destination), *from.price(destination),
          *from.hops(destination), from.alternates(destination)};
}

} // namespace starling::router
