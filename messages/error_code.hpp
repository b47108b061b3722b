#pragma once

#include <cstdint>
#include <string_view>

namespace starling {

/// Errors a caller is expected to handle. Bugs are asserted, not returned.
/// The numbers travel between nodes: append, never renumber.
enum class ec : uint8_t {
  /// The message names a peer this actor has not heard of.
  unknown_peer = 1,
  /// A documented bound (`*_max`) is reached; try again later.
  limit_reached,
  /// No plugin, actor type or actor has that name.
  unknown_name,
  /// A plugin, actor type or actor with that name exists already.
  duplicate_name,
  /// An option is missing, unknown, has the wrong type or is out of range.
  invalid_option,
  /// Bytes from outside do not follow their format.
  malformed_input,
  /// A file can't be read or written.
  file_error,
  /// The peer is not who it has to be: wrong id, key or signature.
  authentication_failed,
  /// The peer's identity has been revoked.
  revoked,
  /// A join token is unknown, expired or used up.
  token_refused,
  /// The peer offers nothing this node accepts (group, version, feature).
  negotiation_failed,
  /// The peer did something its protocol forbids at that point.
  protocol_violation,
  /// The one who asks may not do that.
  permission_denied,
  /// No link and no relay leads to that node.
  unreachable,
  /// A packet used up its hops.
  ttl_exceeded,
  /// The answer did not come in time.
  timed_out,
  /// The connection ended, or was ended on purpose.
  connection_closed,
  /// A shared library does not fit this program.
  incompatible_plugin,
  /// A signed or hash-chained record does not match its evidence.
  tampered,
  /// The subject is in a zone that forbids this.
  quarantined,
  /// The operation does not fit the state the actor is in.
  wrong_state,
};

inline constexpr ec ec_last = ec::wrong_state;

/// Returns the name used in logs, JSON and documentation.
[[nodiscard]] std::string_view name_of(ec code);

} // namespace starling
