// What a session refuses: strangers, impostors and damaged streams.

#include "runtime/session/secure_session.hpp"
#include "tests/runtime/session/hostile_peer.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using namespace std::chrono_literals;

namespace {

bool says(const failure& why, std::string_view part) {
  return why.text.find(part) != std::string::npos;
}

constexpr uint16_t x25519 = 0x001d;
constexpr uint16_t secp384r1 = 0x0018;
constexpr auto sides = {role::initiator, role::responder};

} // namespace

TEST_SUITE_BEGIN("session/secure_session/refusal");

// -- TLS ----------------------------------------------------------------------

TEST_CASE(
  "a peer with classical groups only is refused and the reason says so") {
  auto node = test_node{0};
  SUBCASE("as responder") {
    auto pair
      = hostile_pair{role::initiator, node, {.groups = {x25519, secp384r1}}};
    pair.pump();
    CHECK(pair.refusal().code == ec::negotiation_failed);
    CHECK(says(pair.refusal(), "no hybrid"));
    CHECK(says(pair.refusal(), "x25519"));
    CHECK(!pair.hostile->alerts.empty());
  }
  SUBCASE("as initiator") {
    auto pair
      = hostile_pair{role::responder, node, {.groups = {x25519, secp384r1}}};
    pair.pump();
    CHECK(pair.refusal().code == ec::negotiation_failed);
    CHECK(says(pair.refusal(), "hybrid"));
  }
}

TEST_CASE("a peer with another cipher, curve or without a key is refused") {
  auto node = test_node{0};
  for (auto side : sides) {
    auto cipher = hostile_pair{side, node, {.ciphers = {"AES-128/GCM"}}};
    cipher.pump();
    CHECK(cipher.refusal().code == ec::negotiation_failed);
    auto curve = hostile_pair{side, node, {.curve = "secp256r1"}};
    curve.pump();
    CHECK(!curve.refusal().text.empty());
  }
  auto keyless = hostile_pair{role::initiator, node, {.has_key = false}};
  keyless.pump();
  CHECK(keyless.refusal().code == ec::authentication_failed);
  auto careless
    = hostile_pair{role::responder, node, {.asks_for_client_key = false}};
  careless.pump();
  careless.hostile->say(hello_message{});
  careless.pump();
  CHECK(!careless.refusal().text.empty());
}

// CVE-2026-34582 and the same thing with the roles swapped.
TEST_CASE("data before the peer has proved its TLS key is never delivered") {
  auto node = test_node{0};
  SUBCASE("to a responder") {
    auto pair = hostile_pair{role::initiator, node, {.has_key = false}};
    CHECK(
      pair.victim.receive(std::exchange(pair.hostile->output, {}), test_start));
    pair.hostile->receive(pair.victim.take());
    CHECK(!pair.victim.receive(pair.hostile->forged_early_data("forged"),
                               test_start));
    CHECK(!pair.refusal().text.empty());
  }
  SUBCASE("to an initiator") {
    auto pair = hostile_pair{role::responder, node};
    pair.hostile->receive(pair.victim.take());
    const auto flight = std::exchange(pair.hostile->output, {});
    // The ServerHello alone, and then data in place of the proof.
    const auto size = 5u + (size_t{flight.at(3)} << 8 | flight.at(4));
    CHECK(pair.victim.receive(std::span{flight}.first(size), test_start));
    CHECK(!pair.victim.receive(pair.hostile->forged_early_data("forged"),
                               test_start));
    CHECK(!pair.refusal().text.empty());
  }
}

TEST_CASE("payload records before both sides have accepted are refused") {
  auto node = test_node{0};
  auto peer = test_node{1};
  const auto record = bytes{0x50, 0, 0, 0, 16};
  SUBCASE("at once") {
    for (auto side : sides) {
      auto end = test_end{side, node};
      CHECK(end.session.start());
      CHECK(end.receive(record, test_start).error().code
            == ec::protocol_violation);
    }
  }
  SUBCASE("between TLS and acceptance") {
    for (auto side : sides) {
      auto pair = hostile_pair{side, node};
      pair.pump();
      REQUIRE(pair.hostile->ready());
      CHECK(pair.victim.receive(record, test_start).error().code
            == ec::protocol_violation);
      CHECK(says(pair.refusal(), "before both sides"));
    }
  }
}

TEST_CASE("a stranger, garbage and a flood are refused with a clear text") {
  auto node = test_node{0};
  SUBCASE("another protocol") {
    auto end = test_end{role::responder, node};
    CHECK(end.session.start());
    const auto refused
      = end.receive(bytes_of("GET / HTTP/1.1\r\n\r\n"), test_start);
    CHECK(refused.error().code == ec::malformed_input);
    CHECK(says(refused.error(), "Starling"));
  }
  SUBCASE("garbage in TLS records") {
    auto rng = identity::seeded_rng{9};
    for (auto round = 0; round < 300; ++round) {
      auto end = test_end{round % 2 ? role::initiator : role::responder, node};
      CHECK(end.session.start());
      auto data = rng.random_vec<bytes>(100 + rng.next_byte());
      data[0] = static_cast<uint8_t>(20 + data[0] % 5);
      data[1] = 3;
      data[2] = 3;
      data[3] = 0;
      data[4] = static_cast<uint8_t>(data[4] % 95);
      static_cast<void>(end.receive(data, test_start));
      CHECK(end.events.established == 0);
    }
  }
  SUBCASE("more than the handshake may hold") {
    node.options().handshake_bytes_max = 16 * 1024;
    auto pair = hostile_pair{role::initiator, node};
    pair.pump();
    auto auth = auth_message{};
    auth.public_key = test_key(2).public_part().bytes();
    auth.signature = bytes(identity::signature_size);
    auth.credential = bytes(32 * 1024);
    pair.hostile->say(auth);
    pair.pump();
    CHECK(pair.refusal().code == ec::limit_reached);
  }
  SUBCASE("a message that is announced too long") {
    auto pair = hostile_pair{role::initiator, node};
    pair.pump();
    pair.hostile->send(bytes{0x7f, 0xff, 0xff, 0xff});
    pair.pump();
    CHECK(pair.refusal().code == ec::malformed_input);
  }
}

// -- identity -----------------------------------------------------------------

TEST_CASE("an initiator that expects another node says which one answered") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  const auto wanted = test_key(2).id();
  auto pair = test_pair{alice, bob, wanted};
  pair.pump();
  const auto& error = pair.initiator.session.error();
  const auto& at_bob = pair.responder.session.error();
  REQUIRE(error);
  REQUIRE(at_bob);
  CHECK(at_bob->code == ec::authentication_failed);
  CHECK(says(*at_bob, to_string(wanted)));
  CHECK(error->code == ec::authentication_failed);
  CHECK(says(*error, to_string(wanted)));
  CHECK(says(*error, to_string(bob.id())));
  // It has shown its credential to nobody.
  CHECK(alice.policy.calls == 0);
  CHECK(bob.policy.calls == 0);
}

TEST_CASE("an impostor under the expected id sees no credential") {
  auto alice = test_node{0};
  const auto& mallory = test_key(2);
  auto hostile = hostile_peer::make(role::responder);
  auto end = test_end{role::initiator, alice, test_key(1).id()};
  CHECK(end.session.start());
  const auto pump = [&] {
    for (auto i = 0; i < 8; ++i) {
      hostile->receive(end.take());
      static_cast<void>(
        end.receive(std::exchange(hostile->output, {}), test_start));
    }
  };
  pump();
  REQUIRE(hostile->ready());
  auto hello = std::get<hello_message>(hostile->heard().at(0));
  hello.id = test_key(1).id();
  hello.expected.reset();
  hostile->say(hello);
  auto rng = identity::seeded_rng{1};
  hostile->say(
    auth_message{test_key(1).public_part().bytes(),
                 mallory.sign("starling/session/1/responder", bytes(100), rng),
                 {}});
  pump();
  REQUIRE(end.session.error());
  CHECK(end.session.error()->code == ec::authentication_failed);
  for (const auto& message : hostile->heard())
    CHECK(!std::holds_alternative<auth_message>(message));
  hostile->end();
}

TEST_CASE("a man in the middle who passes all messages on is found") {
  // Mallory has a TLS channel with each and repeats what each says.
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto to_alice = hostile_pair{role::responder, alice};
  auto to_bob = hostile_pair{role::initiator, bob};
  for (auto round = 0; round < 6; ++round) {
    to_alice.pump();
    to_bob.pump();
    if (!to_alice.hostile->ready() || !to_bob.hostile->ready())
      continue;
    const auto from_alice = std::exchange(to_alice.hostile->plaintext, {});
    const auto from_bob = std::exchange(to_bob.hostile->plaintext, {});
    if (!from_alice.empty() && !to_bob.victim.session.error())
      to_bob.hostile->send(from_alice);
    if (!from_bob.empty() && !to_alice.victim.session.error())
      to_alice.hostile->send(from_bob);
  }
  CHECK(to_alice.refusal().code == ec::authentication_failed);
  CHECK(says(to_alice.refusal(), "channel"));
  CHECK(to_bob.refusal().code == ec::authentication_failed);
}

TEST_CASE("a session with oneself and a reflected hello are refused") {
  auto alice = test_node{0};
  auto twin = test_node{0, 99};
  auto pair = test_pair{alice, twin};
  pair.pump();
  CHECK(pair.initiator.session.error()->code == ec::authentication_failed);
  CHECK(pair.responder.session.error()->code == ec::authentication_failed);
}

// -- admission ----------------------------------------------------------------

TEST_CASE("who is not admitted learns why, as the claim of the other side") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  SUBCASE("by the responder") {
    bob.policy.refusal = failure{ec::token_refused, "the token is used up"};
    auto pair = test_pair{alice, bob};
    pair.pump();
    CHECK(pair.responder.session.error()->code == ec::token_refused);
    const auto& told = pair.initiator.session.error();
    REQUIRE(told);
    CHECK(told->code == ec::token_refused);
    CHECK(says(*told, "the token is used up"));
    CHECK(says(*told, "peer"));
    CHECK(pair.initiator.events.established == 0);
  }
  SUBCASE("by the initiator, before it shows its credential") {
    alice.policy.refusal = failure{ec::revoked, "node was revoked"};
    auto pair = test_pair{alice, bob};
    pair.pump();
    CHECK(pair.initiator.session.error()->code == ec::revoked);
    REQUIRE(pair.responder.session.error());
    CHECK(pair.responder.session.error()->code == ec::revoked);
    CHECK(bob.policy.calls == 0);
  }
  SUBCASE("with a text that is too long and not clean") {
    bob.policy.refusal
      = failure{ec::permission_denied, "\x1b[2J" + std::string(5000, 'n')};
    auto pair = test_pair{alice, bob};
    pair.pump();
    const auto& told = pair.initiator.session.error();
    REQUIRE(told);
    CHECK(told->text.size() < 320);
    CHECK(told->text.find('\x1b') == std::string::npos);
  }
  SUBCASE("with a reply that is too long") {
    bob.policy.reply = bytes(16 * 1024 + 1);
    auto pair = test_pair{alice, bob};
    pair.pump();
    CHECK(pair.responder.session.error()->code == ec::limit_reached);
    CHECK(pair.initiator.events.established == 0);
  }
}

TEST_CASE("the longest credentials and replies fit into the handshake") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  for (auto* node : {&alice, &bob}) {
    node->context->credential = pattern(credential_max);
    node->policy.reply = pattern(admission_reply_max, 3);
  }
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.peer().reply == pattern(16 * 1024, 3));
  CHECK(pair.responder.session.stats().handshake_bytes_in < 64 * 1024);
}

// -- established --------------------------------------------------------------

TEST_CASE("a record that was changed ends the session at both ends") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.send(bytes_of("a"), pair.now));
  CHECK(pair.initiator.session.send(bytes_of("b"), pair.now));
  auto data = pair.initiator.take();
  data.at(5 + 1 + 16 + 5) ^= 1;
  const auto refused = pair.responder.receive(data, pair.now);
  CHECK(refused.error().code == ec::tampered);
  CHECK(text_of(pair.responder.events.payload) == "a");
  CHECK(!pair.responder.session.established());
  pair.pump();
  CHECK(pair.initiator.session.error()->code == ec::connection_closed);
  CHECK(says(*pair.initiator.session.error(), "tampered"));
}

TEST_CASE("records that are repeated, dropped or announced too long end it") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.send(bytes_of("one"), pair.now));
  const auto one = pair.initiator.take();
  CHECK(pair.initiator.session.send(bytes_of("two"), pair.now));
  const auto two = pair.initiator.take();
  SUBCASE("repeated") {
    CHECK(pair.responder.receive(one, pair.now));
    CHECK(pair.responder.receive(one, pair.now).error().code == ec::tampered);
  }
  SUBCASE("dropped") {
    CHECK(pair.responder.receive(two, pair.now).error().code == ec::tampered);
  }
  SUBCASE("too long") {
    const auto length = 64 * 1024 + 17;
    const auto header
      = bytes{0x50, 0, length >> 16, length >> 8 & 0xff, length & 0xff};
    CHECK(pair.responder.receive(header, pair.now).error().code
          == ec::protocol_violation);
  }
  SUBCASE("back to TLS") {
    CHECK(pair.responder.receive(bytes{23, 3, 3}, pair.now).error().code
          == ec::protocol_violation);
  }
  SUBCASE("sent back to the sender") {
    CHECK(pair.initiator.receive(one, pair.now).error().code == ec::tampered);
  }
}

TEST_CASE("after a failure every call returns it") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  const auto first = pair.responder.receive(bytes{0xff}, pair.now);
  REQUIRE(!first);
  auto& session = pair.responder.session;
  CHECK(session.send(bytes(1), pair.now).error().text == first.error().text);
  CHECK(session.tick(pair.now).error().text == first.error().text);
  CHECK(session.end_of_stream().error().text == first.error().text);
  CHECK(pair.responder.receive(bytes(1), pair.now).error().text
        == first.error().text);
  CHECK(!session.next_deadline());
}

TEST_CASE("an end of stream without a good-bye is truncation") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  SUBCASE("in the handshake") {
    CHECK(pair.responder.session.end_of_stream().error().code
          == ec::connection_closed);
  }
  SUBCASE("established") {
    pair.establish();
    const auto cut = pair.responder.session.end_of_stream();
    CHECK(cut.error().code == ec::connection_closed);
    CHECK(says(cut.error(), "missing"));
  }
}

TEST_SUITE_END();
