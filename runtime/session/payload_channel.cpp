#include "runtime/session/payload_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace starling::session {

namespace {

constexpr size_t close_size = 1;

} // namespace

payload_channel::payload_channel(
  start input, const session_options& opts,
  std::shared_ptr<Botan::RandomNumberGenerator> rng, session_stats& stats)
  : side_{input.side},
    opts_{opts},
    rng_{std::move(rng)},
    stats_{stats},
    sealer_{std::move(input.outgoing)},
    opener_{std::move(input.incoming)},
    exchange_{input.side, input.group},
    payload_max_{std::min(opts.record_payload_max, input.peer_payload_max)},
    key_since_{input.now},
    kem_since_{input.now},
    kem_started_{input.now},
    may_offer_{input.now},
    offers_left_{opts.kem_peer_burst},
    offers_since_{input.now} {
  // nop
}

size_t payload_channel::sealed_size_max(size_t payload_size) const {
  const auto records = payload_size / payload_max_ + 1;
  return payload_size + records * (record_header_size + record_tag_size);
}

// -- sending ------------------------------------------------------------------

result<void> payload_channel::send(std::span<const uint8_t> payload,
                                   time_point now, std::vector<uint8_t>& out) {
  while (!payload.empty()) {
    const auto part = payload.first(std::min(payload.size(), payload_max_));
    payload = payload.subspan(part.size());
    if (auto ok = seal(record_type::payload, part, now, out); !ok)
      return ok;
    key_used_ = true;
    ++stats_.records_out;
    stats_.payload_bytes_out += part.size();
  }
  return exchange_if_due(now, out);
}

result<void> payload_channel::seal(record_type type,
                                   std::span<const uint8_t> payload,
                                   time_point now, std::vector<uint8_t>& out) {
  rotate_if_due(now);
  return sealer_.seal(type, payload, out);
}

result<void> payload_channel::seal(const control_message& message,
                                   time_point now, std::vector<uint8_t>& out) {
  return seal(record_type::control, encode(message), now, out);
}

result<void> payload_channel::close(std::optional<ec> reason,
                                    std::vector<uint8_t>& out) {
  const auto code
    = std::array{reason ? static_cast<uint8_t>(*reason) : uint8_t{0}};
  return sealer_.seal(record_type::close, code, out);
}

// -- receiving ----------------------------------------------------------------

result<payload_channel::taken>
payload_channel::receive(std::span<const uint8_t, record_header_size> header,
                         std::span<uint8_t> body, time_point now,
                         std::vector<uint8_t>& out) {
  const auto parsed = parse_record_header(header);
  if (!parsed)
    return failure{ec::protocol_violation, "a record is of an unknown type"};
  const auto epoch_before = opener_.epoch();
  auto opened = opener_.open(header, body);
  if (!opened)
    return opened.error();
  stats_.rotations_in += opener_.epoch() - epoch_before;
  switch (parsed->type) {
    case record_type::payload:
      ++stats_.records_in;
      stats_.payload_bytes_in += opened->size();
      return taken{*opened, false};
    case record_type::control:
      return take_control(*opened, now, out);
    case record_type::close:
      break;
  }
  if (opened->size() != close_size)
    return failure{ec::malformed_input,
                   "the peer's last record has a length that none has"};
  const auto code = opened->front();
  if (code == 0)
    return taken{{}, true};
  const auto known = code <= static_cast<uint8_t>(ec_last);
  return failure{
    ec::connection_closed,
    fmt::format("the peer gave the session up and says: {}",
                known ? name_of(static_cast<ec>(code)) : "unknown error")};
}

result<payload_channel::taken>
payload_channel::take_control(std::span<const uint8_t> payload, time_point now,
                              std::vector<uint8_t>& out) {
  auto message = decode_control_message(payload);
  if (!message)
    return message.error();
  // Nothing to do: the record itself has moved the epoch on.
  if (message->what == control_message::kind::key_changed)
    return taken{};
  if (message->what == control_message::kind::kem_offer)
    if (auto ok = count_offer(now); !ok)
      return ok.error();
  auto step = exchange_.take(*message, *rng_);
  if (!step)
    return step.error();
  if (auto ok = apply(std::move(*step), now, out); !ok)
    return ok.error();
  return taken{};
}

result<void> payload_channel::count_offer(time_point now) {
  while (offers_left_ < opts_.kem_peer_burst
         && now - offers_since_ >= opts_.kem_peer_interval) {
    ++offers_left_;
    offers_since_ += opts_.kem_peer_interval;
  }
  if (offers_left_ == opts_.kem_peer_burst)
    offers_since_ = now;
  if (offers_left_ == 0)
    return failure{ec::protocol_violation,
                   "the peer starts key exchanges faster than kem_peer_burst "
                   "and kem_peer_interval allow"};
  --offers_left_;
  return {};
}

// -- rotation -----------------------------------------------------------------

result<void> payload_channel::apply(kem_exchange::step step, time_point now,
                                    std::vector<uint8_t>& out) {
  if (step.mix_incoming) {
    opener_.mix(step.fresh, step.transcript_hash);
    ++stats_.rotations_in;
  }
  if (step.answer) {
    if (step.answer->what == control_message::kind::kem_reply)
      kem_started_ = now;
    if (auto ok = seal(*step.answer, now, out); !ok)
      return ok;
  }
  if (step.mix_outgoing) {
    sealer_.mix(step.fresh, step.transcript_hash);
    note_new_key(now);
  }
  if (step.complete) {
    kem_since_ = now;
    rotations_since_kem_ = 0;
    ++stats_.kem_exchanges;
  }
  return {};
}

void payload_channel::note_new_key(time_point now) {
  key_since_ = now;
  key_used_ = false;
  ++stats_.rotations_out;
}

void payload_channel::rotate_if_due(time_point now) {
  const auto old = key_used_ && now - key_since_ >= opts_.rotate_interval;
  if (!old && sealer_.records() < opts_.rotate_records
      && sealer_.bytes() < opts_.rotate_bytes)
    return;
  sealer_.ratchet();
  note_new_key(now);
  ++rotations_since_kem_;
}

result<void> payload_channel::exchange_if_due(time_point now,
                                              std::vector<uint8_t>& out) {
  if (exchange_.busy() || now < may_offer_)
    return {};
  if (!has_many_rotations() && now < kem_due())
    return {};
  auto offer = exchange_.offer(*rng_);
  if (!offer)
    return offer.error();
  kem_started_ = now;
  may_offer_ = now + opts_.kem_pause;
  return seal(*offer, now, out);
}

result<void> payload_channel::tick(time_point now, std::vector<uint8_t>& out) {
  if (exchange_.busy() && now - kem_started_ >= opts_.kem_timeout)
    return failure{ec::timed_out,
                   "the peer does not complete the key exchange that renews "
                   "this session's keys"};
  // The peer wipes the old key when it sees the new epoch, so show it one even
  // if there is no payload.
  if (key_used_ && now - key_since_ >= opts_.rotate_interval)
    if (auto ok = seal(control_message{}, now, out); !ok)
      return ok;
  return exchange_if_due(now, out);
}

payload_channel::time_point payload_channel::kem_due() const {
  // The responder waits a little longer, so that the two seldom start at once.
  const auto patience = side_ == role::responder ? opts_.kem_interval / 8
                                                 : opts_.kem_interval * 0;
  return kem_since_ + opts_.kem_interval + patience;
}

bool payload_channel::has_many_rotations() const {
  return opts_.kem_rotations > 0 && rotations_since_kem_ >= opts_.kem_rotations;
}

payload_channel::time_point payload_channel::next_deadline() const {
  auto deadline = kem_started_ + opts_.kem_timeout;
  if (!exchange_.busy())
    deadline
      = has_many_rotations() ? may_offer_ : std::max(kem_due(), may_offer_);
  if (key_used_)
    deadline = std::min(deadline, key_since_ + opts_.rotate_interval);
  return deadline;
}

} // namespace starling::session
