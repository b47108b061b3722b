#pragma once

#include "runtime/audit/append_file.hpp"
#include "runtime/audit/chain.hpp"
#include "runtime/audit/notary.hpp"
#include "runtime/audit/record.hpp"
#include "runtime/resources/resource_state.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace starling::audit {

/// When written bytes are forced onto the disk.
enum class sync : uint8_t {
  /// Left to the kernel: a power cut loses seconds, a killed process nothing.
  never,
  /// With each anchor, before the head is written.
  anchor,
  /// With each entry.
  entry,
};

/// What happens when `storage_max` is reached.
enum class when_full : uint8_t {
  /// Nothing more is written until an operator makes room.
  refuse,
  /// The oldest rotated file is deleted, after a signed entry that says so.
  retire,
};

/// The log of one node on disk. Nobody but this object may write its files; a
/// second one for the same path is refused.
class audit_log {
public:
  struct options {
    std::filesystem::path path;
    /// Bytes after which a file is rotated; at least 64 KiB.
    size_t segment_max = 8'000'000;
    /// Bytes of all files together; at least 4 * segment_max.
    size_t storage_max = 256'000'000;
    /// Entries after which an anchor is written; 1 signs each.
    uint32_t anchor_entries = 64;
    /// Age of the oldest unsigned entry at which `tick` writes an anchor.
    std::chrono::microseconds anchor_interval = std::chrono::seconds{10};
    sync when_synced = sync::anchor;
    when_full policy = when_full::retire;
    /// Storage of the node that the log counts towards; none: only its own
    /// bound holds. When that is used up, and `overdraft` too, `policy` decides
    /// as it does at `storage_max`. Outlives the log.
    resources::resource_state* resources = nullptr;
  };

  /// What the log may write while the node's storage is used up, bytes: so it
  /// can say that it is, and what came of it.
  static constexpr uint64_t overdraft = 256 * 1024;

  /// Opens or creates a log, checks its newest file, and writes the first
  /// anchor. A last line torn by a crash is moved to PATH.torn.N and recorded.
  /// Takes about 0.3 ms for each anchor in the newest file.
  /// Errors: file_error; invalid_option; wrong_state when another process
  /// writes it; tampered when the newest file or the head is not intact.
  static result<std::unique_ptr<audit_log>> open(options opts, notary owner,
                                                 clock::timestamp now);

  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  /// Writes an event, and an anchor if one is due. After an error the log is as
  /// before, unless `last` has moved on: then the event is written and only its
  /// anchor has failed, and is tried again with the next event or `tick`.
  /// Errors: malformed_input, file_error, limit_reached, wrong_state (closed).
  result<void> append(const event& what);

  /// Writes an anchor if one is due. Errors: as `append`.
  result<void> tick(clock::timestamp now);

  /// Writes an anchor unless everything is signed. Errors: as `append`.
  result<void> anchor(clock::timestamp now);

  /// Signs what is open and ends the log; without it, the last entries stay
  /// unsigned. Errors: as `append`.
  result<void> close(clock::timestamp now);

  /// Returns the last entry.
  [[nodiscard]] const position& last() const {
    return chain_.last();
  }

  /// Returns the stamp of the last entry: a clock must continue after it.
  [[nodiscard]] clock::timestamp last_time() const {
    return last_time_;
  }

  /// Returns the bytes of a torn last line that `open` moved aside.
  [[nodiscard]] uint64_t torn_bytes() const {
    return torn_bytes_;
  }

  /// Returns the bytes of all files.
  [[nodiscard]] uint64_t stored_bytes() const;

private:
  struct segment {
    std::filesystem::path file;
    uint64_t first = 0;
    uint64_t bytes = 0;
  };

  using details = std::map<std::string, std::string>;

  audit_log(options opts, notary owner);

  result<void> load();
  result<void> check_newest();
  result<void> set_torn_line_aside();
  result<void> write_opening(clock::timestamp now);
  result<void> write(chain next, std::string line, clock::timestamp time);
  result<void> write_own(std::string_view kind, clock::timestamp now,
                         details detail);
  result<void> write_anchor(clock::timestamp now);
  result<void> make_room(uint64_t bytes, clock::timestamp now);
  result<void> claim_storage(uint64_t bytes, clock::timestamp now);
  result<void> rotate(clock::timestamp now);
  result<void> retire_oldest(clock::timestamp now);

  options opts_;
  notary owner_;
  file_lock lock_;
  append_file current_;
  /// Number of the first entry in the current file.
  uint64_t current_first_ = 1;
  std::vector<segment> rotated_;
  chain chain_;
  clock::timestamp last_time_;
  uint64_t unsigned_entries_ = 0;
  /// Bytes written since the node's storage was used up.
  uint64_t overdrawn_ = 0;
  /// Stamp of the oldest entry that no anchor covers, if there is one.
  clock::timestamp unsigned_since_;
  /// What `open` did to a torn line, to be recorded.
  details recovery_;
  uint64_t torn_bytes_ = 0;
  bool closed_ = false;
};

} // namespace starling::audit
