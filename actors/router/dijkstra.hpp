#pragma once

#include "actors/router/topology.hpp"
#include "messages/peer_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace starling::router {

/// What makes a link expensive. All weights turn their quantity into
/// microseconds: how much longer a way may take that spares one unit of it.
struct price_weights {
  /// For each microsecond.
  double latency = 1.0;
  /// For each unit of -ln(reliability): 1 % of loss costs about 1 ms.
  double reliability = 100'000.0;
  /// For each hop.
  double hop = 1'000.0;
  /// For each unit of cost.
  double cost = 1'000.0;
  /// For a first hop to a neighbour that is not proven. Every node has its own
  /// opinion of its neighbours; less than `hop`, or two of them could each find
  /// the way through the other one cheaper, and send packets in circles.
  double unproven = 900.0;
};

/// Returns the price of a link, at least 1, in nanoseconds:
///
///   1000 (w_latency latency_us - w_reliability ln(reliability)
///         + w_hop + w_cost cost)
///
/// Prices along a path add up: latencies, hops and costs do by themselves, and
/// the chance to get through, a product, does in logarithms. Whole numbers, so
/// that two nodes come to the same sum in any order.
/// @pre the weights are not negative and at most 10^9, and the link is usable.
[[nodiscard]] uint64_t price_of(const link_state& link,
                                const price_weights& weights);

/// Nodes that carry no traffic and get none.
using node_set = std::unordered_set<peer_id>;

/// The cheapest ways from one node to all others.
///
/// Of several cheapest ways to a node the one with the fewest hops is taken,
/// then the one whose last node before it has the smallest id: the same input
/// gives the same tree everywhere. The first hops of the other ones are kept as
/// alternates. Prices are positive, so nodes with equal topologies never send a
/// packet in circles.
///
/// Source: Dijkstra, "A note on two problems in connexion with graphs",
/// Numerische Mathematik 1, 1959, pp. 269-271, problem 2. Time O(m log n).
class shortest_paths {
public:
  /// Most alternates kept for one destination.
  static constexpr size_t alternates_max = 8;

  /// No paths at all.
  shortest_paths() = default;

  /// Uses links that both ends name, without nodes in `excluded`, and without
  /// the links from the root to nodes in `cut`; those to nodes in `unproven`
  /// are dearer. The root itself can't be excluded.
  shortest_paths(const topology& graph, const peer_id& root,
                 const price_weights& weights, const node_set& excluded = {},
                 const node_set& cut = {}, const node_set& unproven = {});

  /// Returns the sum of prices, nothing if there is no way. 0 for the root.
  [[nodiscard]] std::optional<uint64_t> price(const peer_id& to) const;

  /// Returns the number of hops of the chosen way. 0 for the root.
  [[nodiscard]] std::optional<size_t> hops(const peer_id& to) const;

  /// Returns the neighbour to send to; nothing for the root or without a way.
  [[nodiscard]] std::optional<peer_id> next_hop(const peer_id& to) const;

  /// Returns the way without the root, its end included; empty for the root or
  /// without a way.
  [[nodiscard]] std::vector<peer_id> path(const peer_id& to) const;

  /// Returns the first hops of all cheapest ways, by id, that of `next_hop`
  /// among them; at most `alternates_max`.
  [[nodiscard]] std::vector<peer_id> alternates(const peer_id& to) const;

  /// Returns all nodes with a way, without the root, by id.
  [[nodiscard]] std::vector<peer_id> destinations() const;

private:
  static constexpr uint32_t none = UINT32_MAX;

  struct edge {
    uint32_t to;
    uint64_t price;
  };

  struct place {
    uint64_t price = UINT64_MAX;
    uint32_t hops = 0;
    uint32_t before = none;
    uint32_t first = none;
    /// First hops of all cheapest ways, sorted.
    std::vector<uint32_t> firsts;
  };

  using edge_lists = std::vector<std::vector<edge>>;

  [[nodiscard]] edge_lists
  edges_of(const topology& graph, const price_weights& weights,
           const node_set& cut, const node_set& unproven) const;

  void run(const edge_lists& edges);

  void relax(uint32_t from, const edge& link);

  [[nodiscard]] const place* find(const peer_id& node) const;

  /// Sorted; an index into it stands for a node.
  std::vector<peer_id> nodes_;
  std::unordered_map<peer_id, uint32_t> index_;
  std::vector<place> places_;
  uint32_t root_ = none;
};

} // namespace starling::router
