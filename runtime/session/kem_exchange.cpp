#include "runtime/session/kem_exchange.hpp"

#include <array>
#include <cassert>
#include <utility>

namespace starling::session {

namespace {

using kind = control_message::kind;

failure out_of_turn(const char* what) {
  return {ec::protocol_violation,
          std::string{"the peer sent "} + what
            + " of a key exchange that this node is not in"};
}

std::vector<uint8_t> transcript_of(uint16_t group,
                                   const std::vector<uint8_t>& share,
                                   const std::vector<uint8_t>& ciphertext) {
  // Both lengths follow from the group, so the parts can't run into another.
  const auto code = std::array{static_cast<uint8_t>(group >> 8),
                               static_cast<uint8_t>(group & 0xff)};
  return sha384({code, share, ciphertext});
}

} // namespace

kem_exchange::kem_exchange(role side, uint16_t group)
  : side_{side},
    group_{group} {
  // nop
}

result<control_message> kem_exchange::offer(Botan::RandomNumberGenerator& rng) {
  assert(!busy());
  auto key = hybrid_key::generate(group_, rng);
  if (!key)
    return key.error();
  key_ = std::move(*key);
  share_ = key_->share();
  phase_ = phase::offered;
  return control_message{kind::kem_offer, share_};
}

result<kem_exchange::step>
kem_exchange::take(const control_message& message,
                   Botan::RandomNumberGenerator& rng) {
  switch (message.what) {
    case kind::kem_offer:
      return take_offer(message.data, rng);
    case kind::kem_reply:
      return take_reply(message.data, rng);
    case kind::kem_done:
      return take_done();
    case kind::key_changed:
      break;
  }
  return out_of_turn("a message");
}

result<kem_exchange::step>
kem_exchange::take_offer(const std::vector<uint8_t>& share,
                         Botan::RandomNumberGenerator& rng) {
  if (phase_ == phase::answered)
    return out_of_turn("a second offer");
  if (phase_ == phase::offered && side_ == role::initiator)
    return step{};
  reset();
  auto sealed = encapsulate(group_, share, rng);
  if (!sealed)
    return sealed.error();
  fresh_ = std::move(sealed->shared);
  transcript_hash_ = transcript_of(group_, share, sealed->ciphertext);
  phase_ = phase::answered;
  auto result = step{};
  result.answer
    = control_message{kind::kem_reply, std::move(sealed->ciphertext)};
  result.mix_outgoing = true;
  result.fresh = fresh_;
  result.transcript_hash = transcript_hash_;
  return result;
}

result<kem_exchange::step>
kem_exchange::take_reply(const std::vector<uint8_t>& ciphertext,
                         Botan::RandomNumberGenerator& rng) {
  if (phase_ != phase::offered)
    return out_of_turn("a reply");
  auto fresh = key_->decapsulate(ciphertext, rng);
  if (!fresh)
    return fresh.error();
  auto result = step{};
  result.answer = control_message{kind::kem_done, {}};
  result.mix_incoming = true;
  result.mix_outgoing = true;
  result.complete = true;
  result.fresh = std::move(*fresh);
  result.transcript_hash = transcript_of(group_, share_, ciphertext);
  reset();
  return result;
}

result<kem_exchange::step> kem_exchange::take_done() {
  if (phase_ != phase::answered)
    return out_of_turn("the end");
  auto result = step{};
  result.mix_incoming = true;
  result.complete = true;
  result.fresh = std::move(fresh_);
  result.transcript_hash = std::move(transcript_hash_);
  reset();
  return result;
}

void kem_exchange::reset() {
  phase_ = phase::idle;
  key_.reset();
  share_.clear();
  // A fresh object frees the old memory, and Botan's allocator wipes it.
  fresh_ = secret{};
  transcript_hash_.clear();
}

} // namespace starling::session
