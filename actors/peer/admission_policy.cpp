#include "actors/peer/admission_policy.hpp"

#include "runtime/identity/join_token.hpp"

#include <algorithm>
#include <utility>

namespace starling::peer {

admission_policy::admission_policy(options opts, surroundings around)
  : opts_{std::move(opts)},
    around_{std::move(around)} {
  // nop
}

void admission_policy::join(identity::public_key cluster,
                            identity::membership own) {
  cluster_id_ = cluster.id();
  cluster_ = std::move(cluster);
  own_ = std::move(own);
}

void admission_policy::expect_cluster(const peer_id& cluster) {
  cluster_id_ = cluster;
}

const std::optional<identity::public_key>& admission_policy::cluster() const {
  return cluster_;
}

identity::token_book& admission_policy::tokens() {
  return tokens_;
}

identity::revocation_list& admission_policy::revocations() {
  return revocations_;
}

void admission_policy::block(const peer_id& id, std::string reason) {
  blocked_[id] = std::move(reason);
}

void admission_policy::unblock(const peer_id& id) {
  blocked_.erase(id);
}

std::optional<std::string>
admission_policy::block_reason(const peer_id& id) const {
  if (auto found = blocked_.find(id); found != blocked_.end())
    return "node " + short_name(id) + ": " + found->second;
  return std::nullopt;
}

result<session::admitted>
admission_policy::admit(const identity::public_key& key,
                        std::span<const uint8_t> shown, session::role side) {
  const auto id = key.id();
  auto found = failures_.find(id);
  if (found != failures_.end()
      && found->second.count >= opts_.max_failed_attempts) {
    if (around_.now() - found->second.last < opts_.quarantine_duration)
      return failure{ec::permission_denied,
                     "node " + short_name(id)
                       + " was refused too often (max_failed_attempts); it may "
                         "try again after quarantine_duration"};
    failures_.erase(found);
  }
  auto verdict = judge(key, shown, side);
  if (verdict)
    failures_.erase(id);
  else
    note_failure(id);
  return verdict;
}

result<session::admitted>
admission_policy::judge(const identity::public_key& key,
                        std::span<const uint8_t> bytes, session::role side) {
  const auto id = key.id();
  if (revocations_.contains(id))
    return failure{ec::revoked, "node " + short_name(id) + " is revoked"};
  if (auto reason = block_reason(id))
    return failure{ec::quarantined, *reason};
  if (opts_.allow.contains(id))
    return session::admitted{};
  auto claim = decode_credential(bytes);
  if (!claim)
    return claim.error();
  if (const auto* member = std::get_if<member_credential>(&*claim))
    return judge_member(id, *member);
  if (const auto* token = std::get_if<token_credential>(&*claim);
      token && side == session::role::initiator)
    return judge_token(id, *token);
  return failure{ec::permission_denied,
                 "node " + short_name(id)
                   + " is not on the allow-list and shows neither a "
                     "certificate nor a join token"};
}

result<session::admitted>
admission_policy::judge_member(const peer_id& id,
                               const member_credential& claim) {
  if (!cluster_id_)
    return failure{ec::permission_denied,
                   "this node belongs to no cluster yet; set cluster_key or "
                   "join_token"};
  auto cluster = cluster_;
  if (!cluster) {
    // A newcomer knows its cluster by the id in its token only.
    auto parsed = identity::public_key::parse(claim.cluster_key);
    if (!parsed)
      return parsed.error();
    if (parsed->id() != *cluster_id_)
      return failure{ec::authentication_failed,
                     "the peer shows the key of another cluster than the join "
                     "token names"};
    cluster = std::move(*parsed);
  }
  auto membership = identity::decode_membership(claim.membership);
  if (!membership)
    return membership.error();
  auto body = identity::check(
    *membership, *cluster, id, around_.now(),
    [this](const peer_id& other) { return revocations_.contains(other); });
  if (!body)
    return body.error();
  return session::admitted{};
}

result<session::admitted>
admission_policy::judge_token(const peer_id& id,
                              const token_credential& claim) {
  auto token = identity::parse_join_token(claim.token);
  if (!token)
    return failure{ec::token_refused, token.error().text};
  if (!own_ || !cluster_ || token->cluster != *cluster_id_)
    return failure{ec::token_refused, "the join token is for another cluster"};
  if (token->sponsor != around_.key->id())
    return failure{ec::token_refused, "the join token has to be shown to node "
                                        + short_name(token->sponsor)};
  const auto now = around_.now();
  auto book = tokens_;
  if (auto used = book.redeem(token->secret, id, now); !used)
    return used.error();
  // It counts as used once that is on the disk, so a full one costs no token.
  if (around_.save_tokens)
    if (auto saved = around_.save_tokens(book); !saved)
      return saved.error();
  tokens_ = std::move(book);
  auto body = identity::certificate_body{};
  body.subject = id;
  body.serial = static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch())
      .count());
  body.not_before = now - opts_.clock_tolerance;
  body.not_after = now + opts_.certificate_lifetime;
  body.name = "node-" + short_name(id);
  auto issued
    = identity::issue(*around_.key, *own_, std::move(body), *around_.rng);
  if (!issued)
    return issued.error();
  return session::admitted{
    encode(member_credential{cluster_->bytes(), identity::encode(*issued)})};
}

void admission_policy::note_failure(const peer_id& id) {
  if (failures_.size() >= opts_.failures_max && !failures_.contains(id)) {
    auto oldest = std::min_element(failures_.begin(), failures_.end(),
                                   [](const auto& x, const auto& y) {
                                     return x.second.last < y.second.last;
                                   });
    failures_.erase(oldest);
  }
  auto& entry = failures_[id];
  ++entry.count;
  entry.last = around_.now();
}

} // namespace starling::peer
