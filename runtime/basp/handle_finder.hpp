#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/message.hpp>
#include <caf/node_id.hpp>
#include <caf/serializer.hpp>
#include <caf/span.hpp>

#include <vector>

namespace starling::basp {

/// Finds the handles of local actors in a message that leaves the node: they
/// are what its receiver may reach from then on.
///
/// A serialized handle holds this node's id, which is rare in bytes that hold
/// no handle. So the common message costs one search for that pattern in the
/// bytes that BASP just wrote; only where it occurs the message is walked
/// through value by value, since a text that merely looks like a handle must
/// not open an actor to anyone.
class handle_finder {
public:
  explicit handle_finder(const caf::node_id& self);

  /// Whether `payload` may hold a handle of a local actor. False positives
  /// only.
  [[nodiscard]] bool suspects(caf::span<const caf::byte> payload) const;

  /// Returns the ids of all local actors that `content` has handles of.
  [[nodiscard]] std::vector<caf::actor_id>
  local_handles(const caf::message& content,
                caf::execution_unit* context) const;

private:
  caf::node_id self_;
  /// The part of a serialized id that differs from node to node.
  caf::byte_buffer pattern_;
};

} // namespace starling::basp
