#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace Botan {

class RandomNumberGenerator;

} // namespace Botan

namespace starling::identity {

/// The join tokens that a sponsor gave out, each good for one node.
///
/// The book keeps only the SHA-256 of each secret, so who reads it can't join.
/// Save it after every change and before the answer goes out: a token redeemed
/// just before a crash must not come back to life.
class token_book {
public:
  using clock = std::chrono::system_clock;

  struct options {
    /// Tokens remembered, open and used ones alike.
    size_t tokens_max = 1024;
    /// Longest life that a token can be given.
    std::chrono::seconds lifetime_max = std::chrono::days{30};
    /// How long an expired token is remembered, only so that the refusal can
    /// say "expired" or "used" where it else says "unknown".
    std::chrono::seconds kept_after_expiry = std::chrono::days{1};
  };

  token_book() = default;
  explicit token_book(const options& opts);

  /// Makes a token that `redeem` accepts once until `now + lifetime`; returns
  /// its text, which is kept nowhere. Errors: invalid_option (lifetime below
  /// 1 s or above `lifetime_max`), limit_reached (`tokens_max`).
  [[nodiscard]] result<std::string>
  issue(const peer_id& sponsor, const peer_id& cluster, clock::time_point now,
        std::chrono::seconds lifetime, Botan::RandomNumberGenerator& rng);

  /// Uses a token up for `joiner`. The time taken does not depend on which
  /// token matches. Errors: token_refused; the text says whether the secret is
  /// unknown, expired or used, also when the same joiner comes again.
  [[nodiscard]] result<void> redeem(std::span<const uint8_t> secret,
                                    const peer_id& joiner,
                                    clock::time_point now);

  /// Forgets tokens that expired more than `kept_after_expiry` ago; `issue`
  /// does it too. Returns how many.
  size_t purge(clock::time_point now);

  /// Returns how many tokens are remembered, in any state.
  [[nodiscard]] size_t size() const noexcept;

  /// Returns how many tokens can be redeemed at `now`.
  [[nodiscard]] size_t open_count(clock::time_point now) const;

  /// Returns the book as text, a token a line, oldest first.
  [[nodiscard]] std::string encode() const;

  /// Reads that text. Errors: malformed_input (says the line), limit_reached.
  [[nodiscard]] static result<token_book> decode(std::string_view text,
                                                 const options& opts);

  /// Writes the book with mode 0600, atomically. Errors: file_error.
  [[nodiscard]] result<void> save(const std::filesystem::path& path) const;

  /// Errors: as `decode`; file_error, permission_denied (group or others may
  /// read the file).
  [[nodiscard]] static result<token_book>
  load(const std::filesystem::path& path, const options& opts);

private:
  using digest = std::array<uint8_t, 32>;

  struct entry {
    digest secret_hash;
    std::chrono::sys_seconds expires;
    std::optional<peer_id> used_by;
  };

  static std::optional<entry> parse_line(std::string_view line);

  options opts_;
  std::vector<entry> entries_;
};

} // namespace starling::identity
