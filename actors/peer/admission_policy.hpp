#pragma once

#include "actors/peer/credential.hpp"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/revocation_list.hpp"
#include "runtime/identity/token_book.hpp"
#include "runtime/session/admission.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace starling::peer {

/// Who may have a session with this node: those on the allow-list, members of
/// the cluster by certificate, and newcomers with a join token that this node
/// gave out. Nobody who was revoked or blocked, and for a while nobody who was
/// refused too often.
class admission_policy final : public session::admission {
public:
  using clock = std::chrono::system_clock;

  struct options {
    std::set<peer_id> allow;
    /// Refusals in a row after which a peer is not even looked at.
    uint32_t max_failed_attempts = 3;
    /// How long that lasts.
    std::chrono::milliseconds quarantine_duration = std::chrono::hours{1};
    /// Peers whose refusals are remembered.
    size_t failures_max = 10'000;
    /// Validity of certificates given for tokens.
    std::chrono::hours certificate_lifetime = std::chrono::hours{24 * 365};
    /// Set back in new certificates, for clocks that differ.
    std::chrono::minutes clock_tolerance{5};
  };

  /// What the policy needs from outside. `key` and `rng` outlive it.
  struct surroundings {
    const identity::private_key* key = nullptr;
    Botan::RandomNumberGenerator* rng = nullptr;
    std::function<clock::time_point()> now;
    /// Persists the book; a token counts as used only once that worked.
    std::function<result<void>(const identity::token_book&)> save_tokens;
  };

  admission_policy(options opts, surroundings around);

  // -- what this node is ------------------------------------------------------

  /// Sets the cluster and this node's own certificate in it.
  void join(identity::public_key cluster, identity::membership own);

  /// Names the cluster of a token before this node is a member: responders have
  /// to prove membership in it.
  void expect_cluster(const peer_id& cluster);

  [[nodiscard]] const std::optional<identity::public_key>& cluster() const;

  // -- changes ----------------------------------------------------------------

  identity::token_book& tokens();
  identity::revocation_list& revocations();
  void block(const peer_id& id, std::string reason);
  void unblock(const peer_id& id);

  /// Says why a node is blocked, if it is.
  [[nodiscard]] std::optional<std::string>
  block_reason(const peer_id& id) const;

  // -- session::admission -----------------------------------------------------

  result<session::admitted> admit(const identity::public_key& key,
                                  std::span<const uint8_t> credential,
                                  session::role side) override;

private:
  struct failed_attempts {
    uint32_t count = 0;
    clock::time_point last;
  };

  result<session::admitted> judge(const identity::public_key& key,
                                  std::span<const uint8_t> credential,
                                  session::role side);
  result<session::admitted> judge_member(const peer_id& id,
                                         const member_credential& claim);
  result<session::admitted> judge_token(const peer_id& id,
                                        const token_credential& claim);
  void note_failure(const peer_id& id);

  options opts_;
  surroundings around_;
  std::optional<peer_id> cluster_id_;
  std::optional<identity::public_key> cluster_;
  std::optional<identity::membership> own_;
  identity::token_book tokens_;
  identity::revocation_list revocations_;
  std::map<peer_id, std::string> blocked_;
  std::map<peer_id, failed_attempts> failures_;
};

} // namespace starling::peer
