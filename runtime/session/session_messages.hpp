#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace starling::session {

/// What messages/wire/session.capnp says, as values. Decoding never throws and
/// checks every length, so that what comes out is safe to use.

struct hello_message {
  uint16_t version_min = 0;
  uint16_t version_max = 0;
  uint64_t features = 0;
  peer_id id;
  std::optional<peer_id> expected;
  uint32_t record_payload_max = 0;
};

struct auth_message {
  std::vector<uint8_t> public_key;
  std::vector<uint8_t> signature;
  std::vector<uint8_t> credential;
};

struct accept_message {
  std::vector<uint8_t> reply;
};

struct reject_message {
  ec code = ec::permission_denied;
  /// Printable, at most `reject_text_max` bytes. What the peer says, not what
  /// is.
  std::string text;
};

using session_message
  = std::variant<hello_message, auth_message, accept_message, reject_message>;

struct control_message {
  enum class kind : uint8_t { key_changed, kem_offer, kem_reply, kem_done };

  kind what = kind::key_changed;
  /// Encapsulation key of an offer or ciphertext of a reply; else empty.
  std::vector<uint8_t> data;
};

inline constexpr size_t reject_text_max = 256;

/// The longest encoded message of each kind. An auth carries 2624 + 4691 bytes
/// of key and signature and at most 32 KiB of credential.
inline constexpr size_t session_message_max = 41 * 1024;
inline constexpr size_t control_message_max = 4 * 1024;

[[nodiscard]] std::vector<uint8_t> encode(const session_message& message);
[[nodiscard]] std::vector<uint8_t> encode(const control_message& message);

/// Errors: malformed_input.
result<session_message> decode_session_message(std::span<const uint8_t> bytes);

/// Errors: malformed_input.
result<control_message> decode_control_message(std::span<const uint8_t> bytes);

} // namespace starling::session
