#pragma once

#include "runtime/result.hpp"
#include "runtime/session/key_schedule.hpp"
#include "runtime/session/session_options.hpp"

#include <botan/aead.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace starling::session {

/// Records that carry an established session: AES-256-GCM, one key a direction
/// and epoch, the header as associated data, and as nonce the epoch's iv with
/// the number of the record in that epoch.
///
/// Why not TLS records: Botan 3.12 takes them in at a tenth of the speed of its
/// own AES-256-GCM, because it looks for the padding byte by byte.
///
/// A record is: type (1 byte), epoch modulo 256 (1 byte), length of what
/// follows (3 bytes, big-endian), ciphertext, tag (16 bytes). No type lies in
/// 20 to 24, the types of TLS, so that both kinds can follow each other on one
/// stream. Source for nonce and associated data: RFC 8446, sections 5.2
/// and 5.3.
enum class record_type : uint8_t {
  payload = 0x50,
  control = 0x51,
  close = 0x52,
};

inline constexpr size_t record_header_size = 5;
inline constexpr size_t record_tag_size = 16;

struct record_header {
  record_type type = record_type::payload;
  uint8_t epoch = 0;
  /// Ciphertext and tag, bytes.
  size_t length = 0;
};

/// Reads the five bytes before a record; nothing if the type is unknown.
[[nodiscard]] std::optional<record_header>
parse_record_header(std::span<const uint8_t, record_header_size> bytes);

/// What one key may do at most.
struct key_limits {
  uint64_t records_max = key_records_max;
  uint64_t bytes_max = key_bytes_max;
};

/// What both ends of one direction keep in step: the secret, its epoch and the
/// number of the next record. Old secrets and keys are wiped when replaced.
class direction_key {
public:
  direction_key(secret first, Botan::Cipher_Dir use, key_limits limits);

  /// Goes to the next epoch by itself.
  void ratchet();

  /// Goes to the next epoch with the secret of a fresh exchange.
  void mix(const secret& fresh, std::span<const uint8_t> transcript_hash);

  /// Readies the cipher for the next record.
  Botan::AEAD_Mode& next(std::span<const uint8_t, record_header_size> header,
                         size_t payload_size);

  /// Key changes so far; the epoch byte is its remainder.
  [[nodiscard]] uint64_t epoch() const {
    return epoch_;
  }

  /// Whether the key of this epoch has done all it may.
  [[nodiscard]] bool worn_out() const {
    return records_ >= limits_.records_max || bytes_ >= limits_.bytes_max;
  }

  /// Records and payload bytes under the key of this epoch.
  [[nodiscard]] uint64_t records() const {
    return records_;
  }

  [[nodiscard]] uint64_t bytes() const {
    return bytes_;
  }

private:
  void replace(secret next);
  void load_key();

  key_limits limits_;
  secret secret_;
  std::unique_ptr<Botan::AEAD_Mode> cipher_;
  std::array<uint8_t, record_iv_size> iv_{};
  uint64_t epoch_ = 0;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
};

/// The sending end of a direction.
class record_sealer : public direction_key {
public:
  explicit record_sealer(secret first, key_limits limits = {});

  /// Appends one record to `out`. Errors: limit_reached once the key has done
  /// its share; rotating in time is up to the caller.
  /// @pre `payload` has at most `record_payload_limit` bytes.
  result<void> seal(record_type type, std::span<const uint8_t> payload,
                    std::vector<uint8_t>& out);

private:
  Botan::secure_vector<uint8_t> tag_;
};

/// The receiving end of a direction.
class record_opener : public direction_key {
public:
  explicit record_opener(secret first, key_limits limits = {});

  /// Decrypts a record in place and returns the part that is payload. `body` is
  /// ciphertext and tag. An epoch byte one ahead ratchets first. When it fails,
  /// `body` is zeroed: what didn't authenticate is not to be read.
  /// Errors: tampered, protocol_violation.
  result<std::span<uint8_t>>
  open(std::span<const uint8_t, record_header_size> header,
       std::span<uint8_t> body);

private:
  Botan::secure_vector<uint8_t> tag_;
};

} // namespace starling::session
