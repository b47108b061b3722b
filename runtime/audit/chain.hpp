#pragma once

#include "runtime/audit/notary.hpp"
#include "runtime/audit/record.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace starling::audit {

/// Kinds of the entries that the log writes about itself.
namespace kind {

inline constexpr std::string_view opened = "audit.opened";
inline constexpr std::string_view closed = "audit.closed";
inline constexpr std::string_view anchor = "audit.anchor";
inline constexpr std::string_view rotated = "audit.rotated";
inline constexpr std::string_view retired = "audit.retired";
inline constexpr std::string_view recovered = "audit.recovered";

} // namespace kind

/// Turns events into the lines of a log in which nothing can be changed,
/// dropped or moved unnoticed.
///
/// Each entry carries the hash of the one before, so a change breaks all hashes
/// that follow. Who rewrites all of them is stopped by anchors: entries whose
/// signature covers the hash before them and with it everything earlier. Why
/// not sign each entry: a composite signature takes 6 kB and near a
/// millisecond; why not only the last: a crash would leave nothing signed. What
/// follows the last anchor is chained, but can be rewritten by whoever can
/// write the file until the next anchor comes.
///
/// Source: Haber, Stornetta, "How to time-stamp a digital document", J.
/// Cryptology 3, 1991, section 5.1 (linking); Schneier, Kelsey, "Secure audit
/// logs to support computer forensics", TISSEC 2(2), 1999.
///
/// Plain bookkeeping without files: copy it, append, and keep the copy once the
/// line is safe.
class chain {
public:
  /// Starts a new log.
  chain() = default;

  /// Continues after `last`.
  explicit chain(position last) : last_{last} {
    // nop
  }

  /// Returns the line for `what`, without line break. Values beyond the bounds
  /// are cut. Errors: malformed_input for a bad or reserved kind.
  result<std::string> append(const event& what);

  /// As `append`, for the log's own kinds.
  std::string append_own(std::string_view kind, clock::timestamp time,
                         std::map<std::string, std::string> detail);

  /// Returns the line of an anchor over everything so far.
  /// @pre signer.sign is set.
  std::string anchor(clock::timestamp time, const notary& signer);

  /// Returns the last entry.
  [[nodiscard]] const position& last() const {
    return last_;
  }

private:
  std::string append_record(event what);

  position last_;
};

/// Returns whether `x` is an anchor, and its signature is one by `signer` over
/// its content. Its hash is not checked.
[[nodiscard]] bool verify_anchor(const record& x, const notary& signer);

} // namespace starling::audit
