#include "deploy/node/shared_facts.hpp"

#include "actors/peer/credential.hpp"

#include <utility>

namespace starling::deploy {

shared_facts::shared_facts(std::set<peer_id> allow, wall_clock now)
  : allow_{std::move(allow)},
    now_{std::move(now)} {
  // nop
}

void shared_facts::set_endpoints(std::vector<std::string> addresses) {
  auto guard = std::lock_guard{mutex_};
  endpoints_ = std::move(addresses);
}

void shared_facts::set_cluster(const identity::public_key& cluster) {
  auto guard = std::lock_guard{mutex_};
  cluster_ = cluster;
}

void shared_facts::set_credential(std::vector<uint8_t> bytes) {
  auto guard = std::lock_guard{mutex_};
  credential_ = std::move(bytes);
}

void shared_facts::add_revoked(const identity::revocation& record) {
  auto guard = std::lock_guard{mutex_};
  if (!revoked_.insert(record.subject).second)
    return;
  // Readers hold the old list as long as they need it.
  auto grown
    = std::make_shared<std::vector<identity::revocation>>(*revocations_);
  grown->push_back(record);
  revocations_ = std::move(grown);
}

result<bool> shared_facts::revoke(const identity::revocation& record) {
  auto cluster = std::optional<identity::public_key>{};
  {
    auto guard = std::lock_guard{mutex_};
    if (revoked_.contains(record.subject))
      return false;
    if (revoked_.size() >= identity::revocation_list::options{}.records_max)
      return failure{ec::limit_reached,
                     "the revocation list is full; make a new cluster without "
                     "the revoked nodes"};
    cluster = cluster_;
  }
  if (!cluster)
    return failure{ec::wrong_state,
                   "this node belongs to no cluster, so it can't tell whose "
                   "revocations count"};
  // Not under the lock: a signature takes its time.
  if (auto sound = identity::check(record, *cluster); !sound)
    return sound.error();
  add_revoked(record);
  return true;
}

std::shared_ptr<const std::vector<identity::revocation>>
shared_facts::revocations() const {
  auto guard = std::lock_guard{mutex_};
  return revocations_;
}

std::vector<std::string> shared_facts::endpoints() const {
  auto guard = std::lock_guard{mutex_};
  return endpoints_;
}

std::vector<uint8_t> shared_facts::credential() const {
  auto guard = std::lock_guard{mutex_};
  return credential_;
}

bool shared_facts::is_revoked(const peer_id& id) const {
  auto guard = std::lock_guard{mutex_};
  return revoked_.contains(id);
}

result<void> shared_facts::judge(const identity::public_key& key,
                                 std::span<const uint8_t> shown) const {
  const auto id = key.id();
  if (is_revoked(id))
    return failure{ec::revoked, "node " + short_name(id) + " is revoked"};
  if (allow_.contains(id))
    return {};
  auto cluster = std::optional<identity::public_key>{};
  {
    auto guard = std::lock_guard{mutex_};
    cluster = cluster_;
  }
  if (!cluster)
    return failure{ec::permission_denied, "this node belongs to no cluster"};
  auto claim = peer::decode_credential(shown);
  if (!claim)
    return claim.error();
  const auto* member = std::get_if<peer::member_credential>(&*claim);
  if (!member)
    return failure{ec::permission_denied,
                   "node " + short_name(id) + " shows no certificate"};
  auto membership = identity::decode_membership(member->membership);
  if (!membership)
    return membership.error();
  auto body = identity::check(
    *membership, *cluster, id, now_(),
    [this](const peer_id& other) { return is_revoked(other); });
  if (!body)
    return body.error();
  return {};
}

} // namespace starling::deploy
