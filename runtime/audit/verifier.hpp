#pragma once

#include "runtime/audit/chain.hpp"
#include "runtime/audit/notary.hpp"
#include "runtime/audit/record.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace starling::audit {

/// What is wrong with a log.
enum class flaw : uint8_t {
  /// A line is no entry at all.
  malformed = 1,
  /// An entry does not have its hash, or not that of the entry before it.
  changed,
  /// Entries are missing.
  dropped,
  /// All entries are there, in another order.
  reordered,
  /// An entry stands there twice.
  repeated,
  /// Entries at the end are missing.
  truncated,
  /// An anchor isn't signed by the log's owner, or not over these entries.
  foreign_signature,
  /// The head that would show a cut tail is missing or not the owner's.
  head_missing,
};

[[nodiscard]] std::string_view name_of(flaw x);

/// The first thing that is wrong.
struct finding {
  flaw what = flaw::malformed;
  /// The name given to `begin_file`, and a line number from 1; 0 when the flaw
  /// is at the end or the whole file's.
  std::string file;
  uint64_t line = 0;
  /// For people.
  std::string text;
};

/// What a log holds. Trust it only if it is `intact`.
struct report {
  uint64_t entries = 0;
  uint64_t anchors = 0;
  /// Sequence number of the first entry; beyond 1 when older ones were retired.
  uint64_t first = 0;
  position last;
  /// Stamp of the last entry.
  clock::timestamp last_time;
  /// Entries after the last anchor: chained, but not signed yet.
  uint64_t unsigned_tail = 0;
  /// Bytes after the last line break, left by a crash.
  uint64_t torn_bytes = 0;
  std::optional<finding> problem;

  [[nodiscard]] bool intact() const {
    return !problem;
  }
};

/// Checks a log line by line. Memory does not grow with the log.
class verifier {
public:
  struct options {
    /// The log may begin anywhere, because older files are checked elsewhere.
    bool any_start = false;
    /// The last position known to be signed; the log must reach it.
    std::optional<position> head;
  };

  verifier(const notary& signer, options opts);

  /// Names the file that the next lines come from; their count starts at 1.
  void begin_file(std::string name);

  /// Takes in a line, without line break.
  void feed(std::string_view line);

  /// Notes bytes behind the last line break.
  void torn(uint64_t bytes) {
    report_.torn_bytes += bytes;
  }

  /// Returns what was found.
  [[nodiscard]] report finish();

private:
  void check(const record& x);
  void start_at(const record& x);
  void out_of_order(const record& x);
  void note_own_kind(const record& x);
  void pass(const position& place);
  void find(flaw what, std::string text);

  notary signer_;
  options opts_;
  report report_;
  std::string file_;
  uint64_t line_ = 0;
  bool started_ = false;
  /// The first entry's prev, still to be explained by a retired entry.
  std::optional<position> unexplained_;
  /// A fitting explanation that no anchor covers yet.
  bool explained_unsigned_ = false;
  /// Set while it is open whether a gap means dropped or moved entries.
  std::optional<uint64_t> missing_;
};

/// Checks a whole log in memory.
[[nodiscard]] report verify(std::span<const std::string> lines,
                            const notary& signer,
                            std::optional<position> head = {});

} // namespace starling::audit
