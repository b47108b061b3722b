#pragma once

#include "messages/peer_id.hpp"

#include <caf/node_id.hpp>

#include <cstdint>

namespace starling::basp {

/// Returns CAF's name for one run of a node. Its host part is the first 20
/// bytes of the node's peer id, so who holds the key of one node can't speak
/// under the CAF name of another, nor wait under it while that one is away; to
/// find a key for a given name takes some 2^160 attempts. `start` tells the
/// runs of a node from each other, as ids of actors begin anew with each; 0
/// counts as 1.
[[nodiscard]] caf::node_id node_name(const peer_id& id, uint32_t start);

/// Whether `name` is the name of a run of node `id`.
[[nodiscard]] bool is_name_of(const caf::node_id& name, const peer_id& id);

} // namespace starling::basp
