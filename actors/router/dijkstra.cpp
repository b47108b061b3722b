#include "actors/router/dijkstra.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <iterator>
#include <queue>
#include <utility>

namespace starling::router {

uint64_t price_of(const link_state& link, const price_weights& weights) {
  assert(link.reliability > 0.0F);
  const auto microseconds
    = weights.latency * static_cast<double>(link.latency_us)
      - weights.reliability * std::log(static_cast<double>(link.reliability))
      + weights.hop + weights.cost * static_cast<double>(link.cost);
  // Ten thousand hops at this price still add up within 64 bits.
  constexpr auto price_max = 1e15;
  const auto price = std::clamp(1000.0 * microseconds, 1.0, price_max);
  return static_cast<uint64_t>(std::llround(price));
}

shortest_paths::shortest_paths(const topology& graph, const peer_id& root,
                               const price_weights& weights,
                               const node_set& excluded, const node_set& cut,
                               const node_set& unproven) {
  nodes_ = graph.nodes();
  std::erase_if(nodes_, [&](const peer_id& node) {
    return node == root || excluded.contains(node);
  });
  nodes_.insert(std::ranges::lower_bound(nodes_, root), root);
  index_.reserve(nodes_.size());
  for (const auto& node : nodes_)
    index_.emplace(node, static_cast<uint32_t>(index_.size()));
  root_ = index_.at(root);
  places_.resize(nodes_.size());
  run(edges_of(graph, weights, cut, unproven));
}

std::optional<uint64_t> shortest_paths::price(const peer_id& to) const {
  const auto* there = find(to);
  return there != nullptr ? std::optional{there->price} : std::nullopt;
}

std::optional<size_t> shortest_paths::hops(const peer_id& to) const {
  const auto* there = find(to);
  return there != nullptr ? std::optional{size_t{there->hops}} : std::nullopt;
}

std::optional<peer_id> shortest_paths::next_hop(const peer_id& to) const {
  const auto* there = find(to);
  if (there == nullptr || there->first == none)
    return std::nullopt;
  return nodes_[there->first];
}

std::vector<peer_id> shortest_paths::path(const peer_id& to) const {
  auto result = std::vector<peer_id>{};
  if (find(to) == nullptr)
    return result;
  for (auto at = index_.at(to); at != root_; at = places_[at].before)
    result.push_back(nodes_[at]);
  std::ranges::reverse(result);
  return result;
}

std::vector<peer_id> shortest_paths::alternates(const peer_id& to) const {
  auto result = std::vector<peer_id>{};
  const auto* there = find(to);
  if (there == nullptr || there->first == none)
    return result;
  for (auto first : there->firsts)
    result.push_back(nodes_[first]);
  // Where there are too many, those with the smallest ids were kept.
  if (!std::ranges::binary_search(there->firsts, there->first))
    result.back() = nodes_[there->first];
  return result;
}

std::vector<peer_id> shortest_paths::destinations() const {
  auto result = std::vector<peer_id>{};
  for (uint32_t at = 0; at < nodes_.size(); ++at)
    if (at != root_ && places_[at].price != UINT64_MAX)
      result.push_back(nodes_[at]);
  return result;
}

shortest_paths::edge_lists
shortest_paths::edges_of(const topology& graph, const price_weights& weights,
                         const node_set& cut, const node_set& unproven) const {
  const auto surcharge = static_cast<uint64_t>(1000.0 * weights.unproven);
  auto result = edge_lists(nodes_.size());
  for (uint32_t from = 0; from < nodes_.size(); ++from) {
    const auto* content = graph.find(nodes_[from]);
    if (content == nullptr)
      continue;
    for (const auto& link : content->links) {
      if (from == root_ && cut.contains(link.neighbour))
        continue;
      const auto to = index_.find(link.neighbour);
      if (to != index_.end()
          && graph.usable_link(nodes_[from], link.neighbour) != nullptr)
        result[from].push_back(
          {to->second,
           price_of(link, weights)
             + (from == root_ && unproven.contains(link.neighbour) ? surcharge
                                                                   : 0)});
    }
  }
  return result;
}

void shortest_paths::run(const edge_lists& edges) {
  using step = std::pair<uint64_t, uint32_t>;
  auto frontier
    = std::priority_queue<step, std::vector<step>, std::greater<>>{};
  places_[root_].price = 0;
  frontier.emplace(0, root_);
  while (!frontier.empty()) {
    const auto [price, from] = frontier.top();
    frontier.pop();
    if (price != places_[from].price)
      continue;
    // Each node is settled once: what stays in the frontier at a price that
    // was beaten is passed over above, and an equal price is not entered again.
    for (const auto& link : edges[from]) {
      const auto before = places_[link.to].price;
      relax(from, link);
      if (places_[link.to].price < before)
        frontier.emplace(places_[link.to].price, link.to);
    }
  }
}

void shortest_paths::relax(uint32_t from, const edge& link) {
  const auto& here = places_[from];
  auto& there = places_[link.to];
  const auto price = here.price + link.price;
  if (price > there.price)
    return;
  const auto first = from == root_ ? link.to : here.first;
  const auto firsts
    = from == root_ ? std::vector<uint32_t>{link.to} : here.firsts;
  const auto hops = here.hops + 1;
  if (price < there.price) {
    there = {price, hops, from, first, firsts};
    return;
  }
  if (std::pair{hops, from} < std::pair{there.hops, there.before}) {
    there.hops = hops;
    there.before = from;
    there.first = first;
  }
  auto both = std::vector<uint32_t>{};
  std::ranges::set_union(there.firsts, firsts, std::back_inserter(both));
  if (both.size() > alternates_max)
    both.resize(alternates_max);
  there.firsts = std::move(both);
}

const shortest_paths::place* shortest_paths::find(const peer_id& node) const {
  const auto found = index_.find(node);
  if (found == index_.end())
    return nullptr;
  const auto& result = places_[found->second];
  return result.price == UINT64_MAX ? nullptr : &result;
}

} // namespace starling::router
