#pragma once

#include "messages/peer_id.hpp"
#include "runtime/config/endpoint.hpp"

#include <string>
#include <vector>

namespace starling::mesh {

/// Where a node is dialled: at the addresses that it names itself, or only
/// where the operator says so. In a cluster whose nodes may not all connect to
/// each other, the addresses that gossip brings are of no use, and everyone
/// trying them is a nuisance; there the others are reached through relays.
class dial_list {
public:
  /// Dials all that members name.
  dial_list() = default;

  /// Dials these addresses only, those with a peer's id for that peer only.
  explicit dial_list(std::vector<config::endpoint> only);

  /// Returns where to dial a node that says it is at `named`, best first.
  [[nodiscard]] std::vector<std::string>
  addresses_of(const peer_id& id, std::vector<std::string> named) const;

private:
  bool is_limited_ = false;
  std::vector<config::endpoint> only_;
};

} // namespace starling::mesh
