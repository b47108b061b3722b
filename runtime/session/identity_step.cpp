#include "runtime/session/identity_step.hpp"

#include "runtime/session/key_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <string_view>

namespace starling::session {

namespace {

constexpr size_t length_size = 4;

std::string_view label_of(role signer) {
  return signer == role::initiator ? "starling/session/1/initiator"
                                   : "starling/session/1/responder";
}

template <class Integer>
void append_number(std::vector<uint8_t>& out, Integer x) {
  for (auto i = sizeof(x); i-- > 0;)
    out.push_back(static_cast<uint8_t>(x >> (8 * i) & 0xff));
}

void append(std::vector<uint8_t>& out, std::span<const uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// Appends a hello at a fixed length: 2 + 2 + 8 + 4 + 32 + 1 + 32 bytes.
void append(std::vector<uint8_t>& out, const hello_message& hello) {
  append_number(out, hello.version_min);
  append_number(out, hello.version_max);
  append_number(out, hello.features);
  append_number(out, hello.record_payload_max);
  append(out, hello.id.bytes);
  out.push_back(hello.expected ? 1 : 0);
  append(out, hello.expected.value_or(peer_id{}).bytes);
}

} // namespace

identity_step::identity_step(role side,
                             std::shared_ptr<const session_context> context,
                             std::optional<peer_id> expected,
                             channel_binding binding)
  : side_{side},
    context_{std::move(context)},
    binding_{std::move(binding)} {
  assert(binding_.exporter.size() == 64);
  assert(binding_.own_key_hash.size() == 48);
  assert(binding_.peer_key_hash.size() == 48);
  own_hello_ = {.version_min = version_min,
                .version_max = version_max,
                .features = context_->features,
                .id = context_->key->id(),
                .expected = expected,
                .record_payload_max
                = static_cast<uint32_t>(context_->options.record_payload_max)};
  peer_.side = other(side_);
  peer_.group = binding_.group;
  if (side_ == role::initiator)
    send(own_hello_);
}

result<void> identity_step::receive(std::span<const uint8_t> bytes) {
  if (stage_ == stage::failed)
    return failure{ec::wrong_state, "the identity step has failed before"};
  append(input_, bytes);
  while (input_.size() >= length_size && stage_ != stage::failed) {
    auto length = size_t{0};
    for (auto i = size_t{0}; i < length_size; ++i)
      length = length << 8 | input_[i];
    if (length > session_message_max)
      return refuse({ec::malformed_input,
                     fmt::format("the peer announces a session message of {} "
                                 "bytes; the longest has {}",
                                 length, session_message_max)});
    if (input_.size() < length_size + length)
      break;
    const auto message = decode_session_message(
      std::span<const uint8_t>{input_}.subspan(length_size, length));
    input_.erase(input_.begin(),
                 input_.begin()
                   + static_cast<std::ptrdiff_t>(length_size + length));
    if (!message)
      return refuse(message.error());
    if (auto taken = take(*message); !taken)
      return taken;
  }
  return {};
}

result<void> identity_step::take(const session_message& message) {
  return std::visit([this](const auto& x) { return on(x); }, message);
}

// -- the four messages --------------------------------------------------------

result<void> identity_step::on(const hello_message& message) {
  if (stage_ != stage::hello)
    return refuse(
      {ec::protocol_violation, "the peer said hello twice in one session"});
  if (auto ok = check(message); !ok)
    return refuse(ok.error());
  peer_hello_ = message;
  peer_.id = message.id;
  peer_.version = std::min(version_max, message.version_max);
  peer_.record_payload_max = message.record_payload_max;
  peer_.features = own_hello_.features & message.features;
  stage_ = stage::auth;
  if (side_ == role::responder) {
    send(own_hello_);
    send_auth();
  }
  return {};
}

result<void> identity_step::on(const auth_message& message) {
  if (stage_ != stage::auth)
    return refuse({ec::protocol_violation,
                   "the peer proved its identity at the wrong moment"});
  auto key = context_->keys ? context_->keys->parse(message.public_key)
                            : identity::public_key::parse(message.public_key);
  if (!key)
    return refuse(key.error());
  if (key->id() != peer_.id)
    return refuse({ec::authentication_failed,
                   fmt::format("the peer calls itself {} and shows the key of "
                               "{}",
                               to_string(peer_.id), to_string(key->id()))});
  const auto signer = other(side_);
  if (!key->verify(label_of(signer), transcript_of(signer, message.credential),
                   message.signature))
    return refuse({ec::authentication_failed,
                   fmt::format("the signature of {} is not one over this "
                               "channel: the peer does not hold that key, or "
                               "somebody sits in between",
                               to_string(peer_.id))});
  // The shelf has room for few, a node for many sessions.
  peer_.key = key->bare();
  proven_ = std::move(*key);
  peer_.credential = message.credential;
  stage_ = stage::accept;
  if (side_ == role::responder)
    return {};
  auto reply = admit();
  if (!reply)
    return refuse(reply.error());
  send_auth();
  send(accept_message{std::move(*reply)});
  return {};
}

result<void> identity_step::on(const accept_message& message) {
  if (stage_ != stage::accept)
    return refuse(
      {ec::protocol_violation, "the peer accepted before it knew whom"});
  if (side_ == role::responder) {
    auto reply = admit();
    if (!reply)
      return refuse(reply.error());
    send(accept_message{std::move(*reply)});
  }
  peer_.reply = message.reply;
  stage_ = stage::done;
  return {};
}

result<void> identity_step::on(const reject_message& message) {
  return refuse(
    {message.code,
     fmt::format("the peer refuses this node and says: {}", message.text)},
    false);
}

// -- what the messages rest on ------------------------------------------------

result<void> identity_step::check(const hello_message& message) {
  if (message.version_min > version_max || message.version_max < version_min)
    return failure{ec::negotiation_failed,
                   fmt::format("the peer speaks session versions {} to {}, "
                               "this node {} to {}; update the older one",
                               message.version_min, message.version_max,
                               version_min, version_max)};
  if (message.id == own_hello_.id)
    return failure{ec::authentication_failed,
                   "the peer claims this node's own identity: a loop, or a "
                   "reflected session"};
  if (own_hello_.expected && *own_hello_.expected != message.id)
    return failure{ec::authentication_failed,
                   fmt::format("expected the node {}, but {} answered",
                               to_string(*own_hello_.expected),
                               to_string(message.id))};
  if (message.expected && *message.expected != own_hello_.id)
    return failure{ec::authentication_failed,
                   fmt::format("the peer expects the node {}, but this is {}",
                               to_string(*message.expected),
                               to_string(own_hello_.id))};
  return {};
}

result<std::vector<uint8_t>> identity_step::admit() {
  auto said = context_->policy->admit(*peer_.key, peer_.credential, peer_.side);
  if (!said)
    return said.error();
  if (context_->keys && proven_)
    context_->keys->keep(*proven_);
  proven_.reset();
  if (said->reply.size() > admission_reply_max)
    return failure{ec::limit_reached,
                   fmt::format("the admission policy answers with {} bytes; "
                               "the most is {}",
                               said->reply.size(), admission_reply_max)};
  return std::move(said->reply);
}

void identity_step::send(const session_message& message) {
  const auto bytes = encode(message);
  append_number(output_, static_cast<uint32_t>(bytes.size()));
  append(output_, bytes);
}

void identity_step::send_auth() {
  const auto& key = *context_->key;
  const auto transcript = transcript_of(side_, context_->credential);
  send(auth_message{key.public_part().bytes(),
                    key.sign(label_of(side_), transcript, *context_->rng),
                    context_->credential});
}

result<void> identity_step::refuse(failure reason, bool tell) {
  if (tell)
    send(reject_message{reason.code, reason.text});
  stage_ = stage::failed;
  return reason;
}

std::vector<uint8_t>
identity_step::transcript_of(role signer,
                             std::span<const uint8_t> credential) const {
  const auto own = signer == side_;
  auto out = std::vector<uint8_t>{};
  append(out, binding_.exporter);
  append_number(out, binding_.group);
  append(out, own ? binding_.own_key_hash : binding_.peer_key_hash);
  append(out, own ? binding_.peer_key_hash : binding_.own_key_hash);
  append_number(out, static_cast<uint32_t>(binding_.psk_id.size()));
  append(out, binding_.psk_id);
  append(out, own ? own_hello_ : peer_hello_);
  append(out, own ? peer_hello_ : own_hello_);
  append(out, sha384({credential}));
  return out;
}

std::vector<uint8_t> identity_step::agreement() const {
  assert(done());
  const auto initiator = side_ == role::initiator;
  return sha384(
    {transcript_of(role::initiator,
                   initiator ? context_->credential : peer_.credential),
     transcript_of(role::responder,
                   initiator ? peer_.credential : context_->credential)});
}

} // namespace starling::session
