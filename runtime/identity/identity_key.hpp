#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace Botan {

class Private_Key;
class RandomNumberGenerator;

} // namespace Botan

namespace starling::identity {

/// Length of an Ed25519 public key (32, RFC 8032 section 5.1.5) and an
/// ML-DSA-87 public key (2592, FIPS 204 table 2), one after the other.
inline constexpr size_t public_key_size = 32 + 2592;

/// Length of an Ed25519 signature (64, RFC 8032 section 5.1.6) and an ML-DSA-87
/// signature (4627, FIPS 204 table 2), one after the other.
inline constexpr size_t signature_size = 64 + 4627;

/// Returns the id of the node whose public key has these bytes: their SHA-256.
[[nodiscard]] peer_id node_id_of(std::span<const uint8_t> key_bytes);

/// Who a node is: an Ed25519 and an ML-DSA-87 key, used as one.
///
/// Two algorithms, because the first is well studied and falls to a quantum
/// computer, and the second stands against one but is young. A signature counts
/// only when both parts hold, so forging it takes breaking both.
///
/// What both keys sign is no bare message but an encoding of the signer's id,
/// a context label and the message, each of known length. So a signature made
/// for one purpose serves no other, and a part of one composite signature can't
/// be moved into another. The idea is that of composite signatures at the IETF
/// (draft-ietf-lamps-pq-composite-sigs); the bytes are our own.
///
/// Cheap to copy: copies share the parsed keys. Const calls may run in
/// parallel.
class public_key {
public:
  /// Reads what `bytes()` returns. Errors: malformed_input (length, or an
  /// Ed25519 point that is not on the curve or of small order).
  [[nodiscard]] static result<public_key> parse(std::span<const uint8_t> bytes);

  /// Returns `public_key_size` bytes.
  [[nodiscard]] const std::vector<uint8_t>& bytes() const noexcept;

  /// Returns the SHA-256 of `bytes()`: the id of the node.
  [[nodiscard]] peer_id id() const noexcept;

  /// Did the owner of this key sign this message in this context? Both parts of
  /// the signature must hold. Never throws; bytes of any length are just not a
  /// signature.
  [[nodiscard]] bool verify(std::string_view context,
                            std::span<const uint8_t> message,
                            std::span<const uint8_t> signature) const noexcept;

  /// Returns this key, to verify many signatures with: it and its copies keep
  /// what follows from the key alone, the matrix that ML-DSA expands from a
  /// seed of 32 bytes above all. That is more than half the work of a
  /// verification, for 70 kB from the first one on.
  /// Source: FIPS 204, algorithm 8, lines 5 and 9.
  ///
  /// They also remember at least half of the last `holding_max` signatures that
  /// held, by the SHA-256 of context, message and signature, 80 bytes each. One
  /// of those is not computed again: good for certificates, which a node sees
  /// at each session and again in gossip. What failed is never remembered.
  [[nodiscard]] public_key made_ready(size_t holding_max = 0) const;

  /// Returns this key without what it keeps.
  [[nodiscard]] public_key bare() const;

  [[nodiscard]] bool is_ready() const noexcept {
    return ready_ != nullptr;
  }

  /// Keys are equal when their bytes are.
  friend bool operator==(const public_key& a, const public_key& b) noexcept {
    return a.bytes() == b.bytes();
  }

private:
  struct parts;
  struct ready_part;

  explicit public_key(std::shared_ptr<const parts> content);

  [[nodiscard]] bool verify_both(std::span<const uint8_t> head,
                                 std::span<const uint8_t> message,
                                 std::span<const uint8_t> signature) const;

  /// Never null, except in an object that was moved from.
  std::shared_ptr<const parts> content_;
  /// Null unless the key was made ready.
  std::shared_ptr<ready_part> ready_;
};

/// The secret half. It stays in memory that is wiped when it is freed; there is
/// no way to print it. To keep it on disk, see key_store.hpp.
class private_key {
public:
  /// Makes a new identity. All randomness comes from `rng`, so a seeded
  /// generator gives the same key each time: good for the simulator, fatal
  /// elsewhere. Throws what `rng` throws when it has no entropy.
  [[nodiscard]] static private_key generate(Botan::RandomNumberGenerator& rng);

  /// Joins two parts that were loaded. Errors: malformed_input (a part is null
  /// or of another algorithm).
  [[nodiscard]] static result<private_key>
  from_parts(std::unique_ptr<Botan::Private_Key> ed25519,
             std::unique_ptr<Botan::Private_Key> ml_dsa);

  private_key(private_key&& other) noexcept;
  private_key& operator=(private_key&& other) noexcept;
  ~private_key();

  [[nodiscard]] const public_key& public_part() const noexcept;

  [[nodiscard]] peer_id id() const noexcept;

  /// Signs `message` for one purpose, named by `context`: a label of this
  /// program, such as "starling/membership/1", and not data from a stranger.
  /// Returns `signature_size` bytes. `rng` makes the ML-DSA part hedged
  /// (FIPS 204 section 3.4); the Ed25519 part is deterministic. May be called
  /// from several threads if `rng` may. Throws what `rng` throws when it has no
  /// entropy.
  [[nodiscard]] std::vector<uint8_t>
  sign(std::string_view context, std::span<const uint8_t> message,
       Botan::RandomNumberGenerator& rng) const;

  /// The parts, for the key store only.
  [[nodiscard]] const Botan::Private_Key& ed25519() const noexcept;
  [[nodiscard]] const Botan::Private_Key& ml_dsa() const noexcept;

private:
  struct ready_part;

  private_key(std::unique_ptr<Botan::Private_Key> ed25519,
              std::unique_ptr<Botan::Private_Key> ml_dsa, public_key shared);

  std::unique_ptr<Botan::Private_Key> ed25519_;
  std::unique_ptr<Botan::Private_Key> ml_dsa_;
  public_key public_part_;
  /// What signing computes of the key alone; wiped like the key itself.
  std::unique_ptr<ready_part> ready_;
};

} // namespace starling::identity
