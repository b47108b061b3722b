#pragma once

#include "messages/peer_id.hpp"
#include "runtime/identity/certificate.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/revocation_list.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace starling::deploy {

/// What several threads of a node have to know at the same time: where it can
/// be dialled, what it shows to be believed, and whom it believes. The session
/// policy on the event loop has the last word on sessions; this is what gossip
/// is judged by.
class shared_facts {
public:
  using wall_clock = std::function<std::chrono::system_clock::time_point()>;

  shared_facts(std::set<peer_id> allow, wall_clock now);

  void set_endpoints(std::vector<std::string> addresses);
  void set_cluster(const identity::public_key& cluster);
  void set_credential(std::vector<uint8_t> bytes);
  void add_revoked(const identity::revocation& record);

  /// Checks a revocation and keeps it. Returns whether it is news. Errors:
  /// wrong_state (no cluster yet), limit_reached, authentication_failed,
  /// malformed_input.
  result<bool> revoke(const identity::revocation& record);

  /// All that were kept, in their order.
  [[nodiscard]] std::shared_ptr<const std::vector<identity::revocation>>
  revocations() const;

  [[nodiscard]] std::vector<std::string> endpoints() const;
  [[nodiscard]] std::vector<uint8_t> credential() const;
  [[nodiscard]] bool is_revoked(const peer_id& id) const;

  /// Was the owner of that key admitted? Errors: revoked, permission_denied,
  /// and those of a certificate's check.
  [[nodiscard]] result<void> judge(const identity::public_key& key,
                                   std::span<const uint8_t> credential) const;

private:
  std::set<peer_id> allow_;
  wall_clock now_;
  mutable std::mutex mutex_;
  std::vector<std::string> endpoints_;
  std::vector<uint8_t> credential_;
  std::optional<identity::public_key> cluster_;
  std::set<peer_id> revoked_;
  std::shared_ptr<const std::vector<identity::revocation>> revocations_
    = std::make_shared<std::vector<identity::revocation>>();
};

} // namespace starling::deploy
