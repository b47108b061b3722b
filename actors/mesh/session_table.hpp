#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::mesh {

/// Bounds on sessions.
struct session_limits {
  /// Nodes with a direct session. More are refused.
  size_t peers_max = 50;
  /// Incoming sessions whose other side has not authenticated yet. One more
  /// ends one of them, see `session_table`.
  size_t handshakes_max = 64;
  /// Sessions through other nodes.
  size_t relayed_max = 1'000;
  /// Refused strangers that are audited; the others are counted.
  uint64_t refusals_per_second = 10;
  uint64_t refusals_burst = 100;
};

struct session_entry {
  uint64_t session = 0;
  std::string address;
  /// This node opened it.
  bool dialled = false;
  bool relayed = false;
  /// Known once the other side has authenticated.
  std::optional<peer_id> id;
  bool ready = false;
  /// The other side has begun a handshake.
  bool heard = false;
  /// It was told to make room.
  bool evicted = false;
};

/// What to do about a session whose other side has just authenticated.
struct session_verdict {
  bool accepted = false;
  /// The session that has to end in its favour.
  std::optional<uint64_t> replaced;
};

/// Which sessions exist and which of them serve their node.
///
/// Two nodes that dial each other at the same time end up with two sessions.
/// Both must drop the same one without asking: the one that the node with the
/// smaller id dialled stays. A second session that was dialled by the same side
/// replaces the first: its other side knows best that the first one is dead. A
/// direct session replaces a relayed one.
///
/// When too many strangers are at the door, one makes room: first of those that
/// share a host that takes more than a quarter of all places, then one that has
/// not begun a handshake, then the oldest, for whoever is honest is done within
/// milliseconds. The oldest alone would do for few strangers; a flood of empty
/// connections would push the honest ones out before they are done.
class session_table {
public:
  session_table(const peer_id& self, const session_limits& limits);

  /// Notes a new session. Returns an older one that has to end, if too many
  /// have not authenticated.
  std::optional<uint64_t> add(session_entry entry);

  /// The other side of `session` is `id`. Errors: limit_reached,
  /// unknown_name (no such session).
  result<session_verdict> authenticated(uint64_t session, const peer_id& id);

  void set_ready(uint64_t session);

  /// The other side has begun a handshake.
  void set_heard(uint64_t session);

  /// Returns what it was; nothing if there is no such session.
  std::optional<session_entry> remove(uint64_t session);

  [[nodiscard]] const session_entry* find(uint64_t session) const;

  /// Returns the session that serves a node, ready or not.
  [[nodiscard]] const session_entry* find(const peer_id& id) const;

  /// Returns all sessions, oldest first.
  [[nodiscard]] const std::map<uint64_t, session_entry>& all() const;

private:
  [[nodiscard]] bool loses(const session_entry& old,
                           const session_entry& added) const;

  /// Marks the stranger that has to go if there are as many as may be.
  std::optional<uint64_t> make_room();

  peer_id self_;
  session_limits limits_;
  std::map<uint64_t, session_entry> entries_;
  std::map<peer_id, uint64_t> serving_;
};

} // namespace starling::mesh
