#pragma once

#include "runtime/identity/identity_key.hpp"
#include "runtime/result.hpp"
#include "runtime/session/role.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace starling::session {

/// What a policy says to a peer that it lets in.
struct admitted {
  /// Bytes for the peer, for example a certificate issued against its join
  /// token. At most `admission_reply_max` bytes.
  std::vector<uint8_t> reply;
};

inline constexpr size_t credential_max = 32 * 1024;
inline constexpr size_t admission_reply_max = 16 * 1024;

/// Decides who may have a session with this node.
///
/// Asked once a session, after the peer has proved that it holds `key` on this
/// very channel and before a payload byte is accepted or sent. What the
/// credential holds (a membership certificate, a join token) is between this
/// policy and the peer's.
struct admission {
  virtual ~admission() = default;

  /// Lets the peer in, or says why not: code and text reach the refused peer
  /// as the claim of this node, so the text must not hold secrets.
  ///
  /// `side` is the role of the peer. A responder asks about the initiator last
  /// of all: once it says yes here, nothing but the link can fail, so a policy
  /// may spend a one-time token in this call.
  virtual result<admitted> admit(const identity::public_key& key,
                                 std::span<const uint8_t> credential, role side)
    = 0;
};

} // namespace starling::session
