#pragma once

#include "actors/router/dijkstra.hpp"
#include "actors/router/topology.hpp"
#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace starling::router {

/// The way to a node, as it is now.
struct route {
  peer_id destination;
  peer_id next_hop;
  /// Sum of prices (dijkstra.hpp).
  uint64_t price = 0;
  size_t hops = 0;
  /// Neighbours that lead there at the same price, `next_hop` among them.
  std::vector<peer_id> alternates;

  friend bool operator==(const route&, const route&) = default;
};

/// A destination whose next hop is another one now; nothing means no way.
struct route_change {
  peer_id destination;
  std::optional<peer_id> before;
  std::optional<peer_id> after;

  friend bool operator==(const route_change&, const route_change&) = default;
};

/// What a router asks: where to send what is for that node.
///
/// Routes are worked out when they are asked for and something has changed
/// since: a burst of adverts costs one run.
class route_table {
public:
  using clock = topology::clock;

  struct options {
    topology::options bounds{};
    price_weights weights{};
  };

  route_table(const peer_id& self, const options& opts);

  /// Takes an advert; that of this node too. Errors: as `topology::apply`.
  result<bool> apply(advert x, clock::time_point now);

  /// Forgets a node that has left.
  bool remove(const peer_id& node);

  size_t expire(clock::time_point now);

  /// Names all nodes that must carry no traffic; replaces the last such list.
  void avoid(node_set nodes);

  /// Is that node on the list?
  [[nodiscard]] bool avoids(const peer_id& node) const;

  /// Names the neighbours that are not proven, so that others are preferred on
  /// the way; replaces the last such list. Returns whether it is another one.
  bool discount(node_set nodes);

  /// A link to a neighbour broke: stops using it at once, before anybody's
  /// adverts say so. Holds until `restore`.
  void cut(const peer_id& neighbour);

  void restore(const peer_id& neighbour);

  /// Errors: unreachable, quarantined.
  [[nodiscard]] result<route> route_to(const peer_id& destination);

  /// Returns the whole way, without this node. Errors: as `route_to`.
  [[nodiscard]] result<std::vector<peer_id>>
  path_to(const peer_id& destination);

  /// Returns all routes, by destination.
  [[nodiscard]] std::vector<route> routes();

  /// Returns what has changed since the last call, by destination.
  [[nodiscard]] std::vector<route_change> changes();

  [[nodiscard]] const topology& known() const noexcept {
    return topology_;
  }

private:
  const shortest_paths& paths();

  [[nodiscard]] route route_from(const shortest_paths& from,
                                 const peer_id& destination) const;

  peer_id self_;
  price_weights weights_;
  topology topology_;
  node_set avoided_;
  node_set unproven_;
  /// Neighbours without a link at present.
  node_set cut_;
  shortest_paths paths_;
  bool stale_ = true;
  /// Next hops that were reported.
  std::map<peer_id, peer_id> reported_;
};

} // namespace starling::router
