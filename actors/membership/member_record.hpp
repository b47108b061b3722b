#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"
#include "runtime/wire/signing.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starling::membership {

/// A node that the speaker has a session with, and what it measured.
struct neighbour_record {
  peer_id id;
  /// One way, microseconds.
  uint32_t latency_us = 0;
  /// Share of probes answered, [0, 1].
  float reliability = 1.0F;
  /// In the unit of the operator's choice, [0, 10^6].
  float cost = 0.0F;
  /// Bytes a second; 0 if not known.
  uint64_t bandwidth = 0;

  friend bool operator==(const neighbour_record&, const neighbour_record&)
    = default;
};

/// Orders the records of one node; the greater one counts.
struct record_version {
  /// Grows with each start, and whenever the node has to deny its death.
  uint64_t incarnation = 0;
  /// Hybrid time, see clock::timestamp.
  uint64_t timestamp = 0;

  friend auto operator<=>(const record_version&, const record_version&)
    = default;
};

/// What a node says about itself.
struct member_record {
  peer_id id;
  record_version version;
  /// Display name; not an identity.
  std::string name;
  /// Where it can be dialled, e.g. "tcp://10.0.0.1:4711".
  std::vector<std::string> endpoints;
  /// Actor types its catalog holds.
  std::vector<std::string> capabilities;
  /// CAF's name for the process, as text.
  std::string caf_node;
  /// The trust zone it was last told it is in, 0 to 3.
  uint8_t zone = 0;
  /// It has left and wants to be forgotten.
  bool left = false;
  /// Its links.
  std::vector<neighbour_record> neighbours;

  friend bool operator==(const member_record&, const member_record&) = default;
};

/// Bounds on one record. Lengths in bytes.
struct record_limits {
  static constexpr size_t name_max = 64;
  static constexpr size_t endpoints_max = 16;
  static constexpr size_t endpoint_max = 256;
  static constexpr size_t capabilities_max = 128;
  static constexpr size_t capability_max = 64;
  static constexpr size_t caf_node_max = 128;
  static constexpr size_t neighbours_max = 256;
  static constexpr uint8_t zone_max = 3;
  /// The whole, encoded.
  static constexpr size_t bytes_max = 40'960;
};

/// A record with the proof that its node has written it. Travels from node to
/// node as it is.
struct signed_record {
  member_record content;
  /// `content`, canonical: the bytes that are signed.
  std::vector<uint8_t> body;
  std::vector<uint8_t> signature;
  /// The node's public key and what shows that it was admitted. Not signed: the
  /// key is bound to the id, and the credential proves itself. Left out for
  /// those who have both.
  std::vector<uint8_t> key{};
  std::vector<uint8_t> credential{};
};

/// Longest key and credential taken from the wire, bytes.
inline constexpr size_t record_key_max = 4'096;
inline constexpr size_t record_credential_max = 24'576;

/// The context of record signatures.
inline constexpr std::string_view record_context = "starling member record 1";

/// Returns the canonical bytes. Errors: limit_reached, invalid_option (a text
/// that can't be printed, a number out of range).
[[nodiscard]] result<std::vector<uint8_t>>
encode_record(const member_record& x);

/// Errors: malformed_input, limit_reached.
[[nodiscard]] result<member_record>
decode_record(std::span<const uint8_t> bytes);

/// Signs a record as the node that it names. Errors: as `encode_record`.
[[nodiscard]] result<signed_record> sign_record(member_record x,
                                                const wire::sign_fn& signer);

/// Did the node that the record names write it?
[[nodiscard]] bool is_authentic(const signed_record& x,
                                const wire::verify_fn& verify);

} // namespace starling::membership
