#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/revocation.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <unordered_set>
#include <vector>

namespace starling::identity {

/// The nodes that a cluster has put out. It only grows; the set of subjects
/// that two nodes hold after they exchanged all records is the same, whatever
/// the order.
class revocation_list {
public:
  struct options {
    /// Records kept, each about 5 kB. Only the cluster key can make them, so
    /// no stranger can fill the list.
    size_t records_max = 1024;
  };

  revocation_list() = default;
  explicit revocation_list(const options& opts);

  /// Checks a record and keeps it. Returns whether it is news: false when the
  /// subject is on the list already, which is answered without verifying the
  /// signature again, so that echoes cost nothing. Errors: those of
  /// `check(record, cluster)`, limit_reached.
  [[nodiscard]] result<bool> add(const revocation& record,
                                 const public_key& cluster);

  [[nodiscard]] bool contains(const peer_id& subject) const;

  /// Returns all records, in the order in which they came.
  [[nodiscard]] const std::vector<revocation>& all() const noexcept;

  /// Returns the bytes for the disk, see messages/wire/identity.capnp.
  [[nodiscard]] std::vector<uint8_t> encode() const;

  /// Reads them and verifies every signature, so that a file which was tampered
  /// with can't put anyone out. Errors: malformed_input, limit_reached, those
  /// of `check(record, cluster)`.
  [[nodiscard]] static result<revocation_list>
  decode(std::span<const uint8_t> bytes, const public_key& cluster,
         const options& opts);

  /// Writes the list with mode 0600, atomically. Errors: file_error.
  [[nodiscard]] result<void> save(const std::filesystem::path& path) const;

  /// Errors: those of `decode`; file_error.
  [[nodiscard]] static result<revocation_list>
  load(const std::filesystem::path& path, const public_key& cluster,
       const options& opts);

private:
  options opts_;
  std::vector<revocation> records_;
  std::unordered_set<peer_id> subjects_;
};

} // namespace starling::identity
