#include "runtime/session/session_messages.hpp"

#include "messages/wire/session.capnp.h"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/printable_text.hpp"
#include "runtime/session/admission.hpp"
#include "runtime/session/session_options.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <fmt/format.h>
#include <kj/exception.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace starling::session {

namespace {

failure malformed(std::string_view what) {
  return {ec::malformed_input,
          fmt::format("a session message from the peer {}", what)};
}

capnp::Data::Reader data_of(std::span<const uint8_t> bytes) {
  return {bytes.data(), bytes.size()};
}

std::vector<uint8_t> bytes_of(capnp::Data::Reader data) {
  return {data.begin(), data.end()};
}

std::optional<peer_id> id_of(capnp::Data::Reader data) {
  if (data.size() != peer_id::size)
    return std::nullopt;
  auto id = peer_id{};
  std::copy(data.begin(), data.end(), id.bytes.begin());
  return id;
}

/// Returns the text without what could upset a log or a terminal.
std::string cleaned(std::string_view text) {
  auto result = std::string{text.substr(0, reject_text_max)};
  if (!identity::is_printable(result))
    std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; },
      '?');
  return result;
}

// -- encoding -----------------------------------------------------------------

void fill(wire::SessionMessage::Builder out, const hello_message& in) {
  auto hello = out.initHello();
  hello.setVersionMin(in.version_min);
  hello.setVersionMax(in.version_max);
  hello.setFeatures(in.features);
  hello.setNodeId(data_of(in.id.bytes));
  hello.setRecordPayloadMax(in.record_payload_max);
  if (in.expected)
    hello.setExpectedPeer(data_of(in.expected->bytes));
}

void fill(wire::SessionMessage::Builder out, const auth_message& in) {
  auto auth = out.initAuth();
  auth.setPublicKey(data_of(in.public_key));
  auth.setSignature(data_of(in.signature));
  auth.setCredential(data_of(in.credential));
}

void fill(wire::SessionMessage::Builder out, const accept_message& in) {
  out.initAccept().setReply(data_of(in.reply));
}

void fill(wire::SessionMessage::Builder out, const reject_message& in) {
  auto reject = out.initReject();
  reject.setCode(static_cast<uint8_t>(in.code));
  const auto text = cleaned(in.text);
  reject.setText(kj::StringPtr{text.c_str(), text.size()});
}

std::vector<uint8_t> flat(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {bytes.begin(), bytes.end()};
}

// -- decoding -----------------------------------------------------------------

result<session_message> read(wire::SessionHello::Reader in) {
  auto out = hello_message{.version_min = in.getVersionMin(),
                           .version_max = in.getVersionMax(),
                           .features = in.getFeatures(),
                           .id = {},
                           .expected = {},
                           .record_payload_max = in.getRecordPayloadMax()};
  if (out.version_min > out.version_max)
    return malformed("claims a lowest version above its highest");
  if (out.record_payload_max < 1
      || out.record_payload_max > record_payload_limit)
    return malformed("accepts records of a length that is not 1 byte to 1 MiB");
  const auto id = id_of(in.getNodeId());
  if (!id)
    return malformed("holds a node id that is not 32 bytes long");
  out.id = *id;
  if (in.getExpectedPeer().size() > 0) {
    out.expected = id_of(in.getExpectedPeer());
    if (!out.expected)
      return malformed("expects a peer whose id is not 32 bytes long");
  }
  return session_message{out};
}

result<session_message> read(wire::SessionAuth::Reader in) {
  if (in.getPublicKey().size() != identity::public_key_size
      || in.getSignature().size() != identity::signature_size)
    return malformed("holds a key or signature of the wrong length");
  if (in.getCredential().size() > credential_max)
    return malformed("holds a credential of more than 32 KiB");
  return session_message{auth_message{bytes_of(in.getPublicKey()),
                                      bytes_of(in.getSignature()),
                                      bytes_of(in.getCredential())}};
}

result<session_message> read(wire::SessionAccept::Reader in) {
  if (in.getReply().size() > admission_reply_max)
    return malformed("holds a reply of more than 16 KiB");
  return session_message{accept_message{bytes_of(in.getReply())}};
}

result<session_message> read(wire::SessionReject::Reader in) {
  const auto number = in.getCode();
  const auto known = number >= 1 && number <= static_cast<uint8_t>(ec_last);
  const auto text = in.getText();
  return session_message{
    reject_message{known ? static_cast<ec>(number) : ec::protocol_violation,
                   cleaned({text.begin(), text.size()})}};
}

result<session_message> read(wire::SessionMessage::Reader in) {
  switch (in.which()) {
    case wire::SessionMessage::HELLO:
      return read(in.getHello());
    case wire::SessionMessage::AUTH:
      return read(in.getAuth());
    case wire::SessionMessage::ACCEPT:
      return read(in.getAccept());
    case wire::SessionMessage::REJECT:
      return read(in.getReject());
  }
  return malformed("is of an unknown kind");
}

result<control_message> read(wire::SessionControl::Reader in) {
  using kind = control_message::kind;
  switch (in.which()) {
    case wire::SessionControl::KEY_CHANGED:
      return control_message{kind::key_changed, {}};
    case wire::SessionControl::KEM_OFFER:
      return control_message{kind::kem_offer, bytes_of(in.getKemOffer())};
    case wire::SessionControl::KEM_REPLY:
      return control_message{kind::kem_reply, bytes_of(in.getKemReply())};
    case wire::SessionControl::KEM_DONE:
      return control_message{kind::kem_done, {}};
  }
  return malformed("is of an unknown control kind");
}

/// Reads one flat message with its root of type `Root`, as `read` above does.
template <class Root>
auto decode(std::span<const uint8_t> bytes, size_t bytes_max)
  -> decltype(read(std::declval<typename Root::Reader>())) {
  if (bytes.size() > bytes_max || bytes.size() % sizeof(capnp::word) != 0)
    return malformed("has a length that no message has");
  try {
    // Cap'n Proto wants words at their natural alignment.
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    if (!bytes.empty())
      std::memcpy(words.begin(), bytes.data(), bytes.size());
    auto limits = capnp::ReaderOptions{};
    // Every field is read at most twice.
    limits.traversalLimitInWords = 2 * words.size() + 64;
    limits.nestingLimit = 4;
    auto reader = capnp::FlatArrayMessageReader{words, limits};
    return read(reader.template getRoot<Root>());
  } catch (const kj::Exception& e) {
    return malformed(fmt::format("can't be decoded: {}",
                                 std::string_view{e.getDescription().cStr()}));
  }
}

} // namespace

std::vector<uint8_t> encode(const session_message& message) {
  auto builder = capnp::MallocMessageBuilder{};
  auto root = builder.initRoot<wire::SessionMessage>();
  std::visit([&](const auto& x) { fill(root, x); }, message);
  return flat(builder);
}

std::vector<uint8_t> encode(const control_message& message) {
  using kind = control_message::kind;
  auto builder = capnp::MallocMessageBuilder{};
  auto root = builder.initRoot<wire::SessionControl>();
  switch (message.what) {
    case kind::key_changed:
      root.setKeyChanged();
      break;
    case kind::kem_offer:
      root.setKemOffer(data_of(message.data));
      break;
    case kind::kem_reply:
      root.setKemReply(data_of(message.data));
      break;
    case kind::kem_done:
      root.setKemDone();
      break;
  }
  return flat(builder);
}

result<session_message> decode_session_message(std::span<const uint8_t> bytes) {
  return decode<wire::SessionMessage>(bytes, session_message_max);
}

result<control_message> decode_control_message(std::span<const uint8_t> bytes) {
  return decode<wire::SessionControl>(bytes, control_message_max);
}

} // namespace starling::session
