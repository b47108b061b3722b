#include "runtime/session/session_messages.hpp"

#include "messages/wire/session.capnp.h"
#include "tests/runtime/session/session_pair.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

hello_message sample_hello() {
  return {.version_min = 1,
          .version_max = 3,
          .features = 0xfedcba9876543210,
          .id = test_key(0).id(),
          .expected = test_key(1).id(),
          .record_payload_max = 65536};
}

auth_message sample_auth() {
  return {test_key(0).public_part().bytes(), pattern(identity::signature_size),
          pattern(100)};
}

/// Returns the error of a message that a test built by hand.
template <class Build>
std::string complaint_about(Build build) {
  auto builder = capnp::MallocMessageBuilder{};
  build(builder.initRoot<wire::SessionMessage>());
  const auto words = capnp::messageToFlatArray(builder);
  const auto flat = words.asBytes();
  const auto decoded = decode_session_message({flat.begin(), flat.size()});
  if (decoded)
    return "";
  CHECK(decoded.error().code == ec::malformed_input);
  return decoded.error().text;
}

capnp::Data::Reader zeros(size_t size) {
  static const auto buffer = bytes(64 * 1024);
  return {buffer.data(), size};
}

void fill_hello(wire::SessionHello::Builder hello) {
  hello.setVersionMin(1);
  hello.setVersionMax(1);
  hello.setNodeId(zeros(32));
  hello.setRecordPayloadMax(1);
}

} // namespace

TEST_SUITE_BEGIN("session/session_messages");

TEST_CASE("messages come back as they were") {
  const auto hello = decode_session_message(encode(sample_hello()));
  REQUIRE(hello);
  const auto& h = std::get<hello_message>(*hello);
  CHECK(h.version_min == 1);
  CHECK(h.version_max == 3);
  CHECK(h.features == 0xfedcba9876543210);
  CHECK(h.id == test_key(0).id());
  CHECK(h.expected == test_key(1).id());
  CHECK(h.record_payload_max == 65536);
  const auto auth = decode_session_message(encode(sample_auth()));
  REQUIRE(auth);
  CHECK(std::get<auth_message>(*auth).signature
        == pattern(identity::signature_size));
  CHECK(std::get<auth_message>(*auth).credential == pattern(100));
  const auto accept
    = decode_session_message(encode(accept_message{pattern(16 * 1024)}));
  REQUIRE(accept);
  CHECK(std::get<accept_message>(*accept).reply == pattern(16 * 1024));
  const auto reject = decode_session_message(
    encode(reject_message{ec::revoked, "not you any more"}));
  REQUIRE(reject);
  CHECK(std::get<reject_message>(*reject).code == ec::revoked);
  CHECK(std::get<reject_message>(*reject).text == "not you any more");
}

TEST_CASE("control messages come back as they were") {
  using kind = control_message::kind;
  for (auto what :
       {kind::key_changed, kind::kem_offer, kind::kem_reply, kind::kem_done}) {
    const auto carries = what == kind::kem_offer || what == kind::kem_reply;
    const auto data = carries ? pattern(1665) : bytes{};
    const auto message = decode_control_message(encode({what, data}));
    REQUIRE(message);
    CHECK(message->what == what);
    CHECK(message->data == data);
  }
}

TEST_CASE("the longest auth fits and one byte more does not") {
  auto auth = sample_auth();
  auth.credential = bytes(32 * 1024);
  CHECK(encode(auth).size() <= session_message_max);
  CHECK(decode_session_message(encode(auth)));
  auth.credential.push_back(0);
  CHECK(!decode_session_message(encode(auth)));
}

TEST_CASE("fields of the wrong length or range are refused") {
  CHECK(complaint_about([](auto m) { fill_hello(m.initHello()); }) == "");
  CHECK(complaint_about([](auto m) {
          auto hello = m.initHello();
          fill_hello(hello);
          hello.setNodeId(zeros(31));
        }).find("32 bytes")
        != std::string::npos);
  CHECK(complaint_about([](auto m) {
          auto hello = m.initHello();
          fill_hello(hello);
          hello.setExpectedPeer(zeros(33));
        }).find("32 bytes")
        != std::string::npos);
  CHECK(complaint_about([](auto m) {
          auto hello = m.initHello();
          fill_hello(hello);
          hello.setVersionMin(2);
        }).find("version")
        != std::string::npos);
  for (auto size : {0u, 1024u * 1024u + 1u})
    CHECK(complaint_about([&](auto m) {
            auto hello = m.initHello();
            fill_hello(hello);
            hello.setRecordPayloadMax(size);
          }).find("1 MiB")
          != std::string::npos);
  CHECK(complaint_about([](auto m) { m.initAuth(); }).find("length")
        != std::string::npos);
  CHECK(complaint_about([](auto m) {
          m.initAccept().setReply(zeros(16 * 1024 + 1));
        }).find("16 KiB")
        != std::string::npos);
}

TEST_CASE("the text of a refusal is cut and cleaned") {
  auto said = std::string(300, 'x') + "tail";
  said[1] = '\x1b';
  said[2] = '\n';
  const auto decoded = decode_session_message(
    encode(reject_message{ec::permission_denied, said}));
  REQUIRE(decoded);
  const auto& text = std::get<reject_message>(*decoded).text;
  CHECK(text == "x??" + std::string(253, 'x'));
}

TEST_CASE("an error code from the future is a refusal all the same") {
  auto builder = capnp::MallocMessageBuilder{};
  auto reject = builder.initRoot<wire::SessionMessage>().initReject();
  reject.setCode(200);
  reject.setText("because");
  const auto words = capnp::messageToFlatArray(builder);
  const auto decoded
    = decode_session_message({words.asBytes().begin(), words.asBytes().size()});
  REQUIRE(decoded);
  CHECK(std::get<reject_message>(*decoded).code == ec::protocol_violation);
}

TEST_CASE("bytes that are no message are refused without an exception") {
  CHECK(!decode_session_message({}));
  CHECK(!decode_session_message(bytes(7)));
  CHECK(!decode_session_message(bytes(48 * 1024)));
  CHECK(!decode_control_message(bytes(4096 + 8)));
  // Every truncation and many random changes of good messages.
  const auto good = encode(sample_auth());
  for (auto size = size_t{0}; size < good.size(); size += 8)
    static_cast<void>(decode_session_message(std::span{good}.first(size)));
  auto rng = identity::seeded_rng{5};
  for (auto round = 0; round < 3000; ++round) {
    auto changed = round % 2 == 0 ? encode(sample_hello()) : good;
    for (auto i = 0; i < 3; ++i)
      changed[rng.next_byte() % 64] = rng.next_byte();
    static_cast<void>(decode_session_message(changed));
    static_cast<void>(decode_control_message(changed));
  }
}

TEST_SUITE_END();
