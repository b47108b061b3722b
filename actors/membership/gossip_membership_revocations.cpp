// How the word that a node is out gets to all others.

#include "actors/membership/gossip_codec.hpp"
#include "actors/membership/gossip_membership.hpp"
#include "actors/membership/gossip_membership_buffers.hpp"

#include <utility>

namespace starling::membership {

revocation_log gossip_membership_state::revocations() const {
  return opts_.revocations ? opts_.revocations() : nullptr;
}

result<void>
gossip_membership_state::take_revocations(const record_exchange& news,
                                          const peer_id* from) {
  for (const auto& bytes : news.revocations) {
    if (!opts_.revoke)
      break;
    auto record = identity::decode_revocation(bytes);
    auto taken = record ? opts_.revoke(*record) : result<bool>{record.error()};
    if (taken)
      continue;
    const auto code = taken.error().code;
    if (code != ec::authentication_failed && code != ec::malformed_input) {
      // This node is not ready for it, which is no fault of the sender.
      refuse(from ? *from : opts_.node->self, taken.error().text);
      break;
    }
    // An honest neighbour has checked it: the rest of such a message is not
    // worth the time.
    if (from) {
      opts_.node->note_conduct(*from, conduct::forged);
      refuse(*from, taken.error().text);
    }
    return taken.error();
  }
  if (from) {
    auto answer = revocations_in_return(news, revocations());
    const auto near = neighbours_.find(*from);
    if (near != neighbours_.end() && near->second.service
        && (!answer.revocations.empty() || !answer.wanted_revocations.empty()))
      self_->send(near->second.service,
                  gossip_records{buffer_of(encode(answer))});
  }
  push_revocations();
  return {};
}

void gossip_membership_state::push_revocations() {
  const auto log = revocations();
  if (!log || log->size() <= revocations_told_)
    return;
  forget_revoked();
  // Nobody to tell yet: those who come compare.
  if (neighbours_.empty()) {
    revocations_told_ = log->size();
    return;
  }
  const auto news = revocations_from(revocations_told_, log);
  revocations_told_ += news.revocations.size();
  const auto bytes = buffer_of(encode(news));
  for (const auto& [id, near] : neighbours_)
    if (near.service)
      self_->send(near.service, gossip_records{bytes});
}

void gossip_membership_state::forget_revoked() {
  if (!opts_.is_revoked)
    return;
  auto revoked = table_.members();
  std::erase_if(revoked, [this](const auto& id) {
    return id == opts_.node->self || !opts_.is_revoked(id);
  });
  for (const auto& id : revoked) {
    auto gone = info_of(*table_.find(id));
    gone.state = member_state::dead;
    table_.erase(id);
    keys_.erase(id);
    swim_.remove(id);
    tell_all(gone);
  }
}

} // namespace starling::membership
