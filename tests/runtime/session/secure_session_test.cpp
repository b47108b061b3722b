#include "runtime/session/secure_session.hpp"

#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("session/secure_session");

TEST_CASE("two nodes establish a session with each hybrid group") {
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768}) {
    auto alice = test_node{0};
    auto bob = test_node{1};
    alice.options().groups = {group};
    bob.policy.reply = bytes_of("a certificate");
    auto pair = test_pair{alice, bob, bob.id()};
    pair.establish();
    const auto& seen = pair.initiator.session.peer();
    CHECK(seen.id == bob.id());
    CHECK(seen.key->id() == bob.id());
    CHECK(seen.group == group);
    CHECK(seen.version == 1);
    CHECK(seen.side == role::responder);
    CHECK(text_of(seen.reply) == "a certificate");
    CHECK(text_of(seen.credential) == "credential 1");
    CHECK(pair.responder.session.peer().id == alice.id());
    CHECK(pair.responder.events.established == 1);
    CHECK(bob.policy.asked_about == alice.id());
    CHECK(text_of(bob.policy.asked_credential) == "credential 0");
    CHECK(bob.policy.asked_role == role::initiator);
    CHECK(alice.policy.calls == 1);
  }
}

TEST_CASE("payload arrives whole and in order in both directions") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  const auto there = pattern(300'000, 1);
  const auto back = pattern(200'001, 2);
  CHECK(pair.initiator.session.send(there, pair.now));
  CHECK(pair.responder.session.send(back, pair.now));
  CHECK(pair.initiator.session.send({}, pair.now));
  pair.pump();
  CHECK(pair.responder.events.payload == there);
  CHECK(pair.initiator.events.payload == back);
  // 300,000 bytes are four records of 64 KiB and a rest.
  CHECK(pair.initiator.session.stats().records_out == 5);
  CHECK(pair.responder.session.stats().payload_bytes_in == there.size());
}

TEST_CASE(
  "a responder that lacks the initiator's first group asks for another") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  bob.options().groups = {x25519_ml_kem_768};
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.peer().group == x25519_ml_kem_768);
  CHECK(pair.responder.session.peer().group == x25519_ml_kem_768);
}

TEST_CASE("features are those that both sides offer") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  alice.context->features = 0b0110;
  bob.context->features = 0b1100;
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.peer().features == 0b0100);
  CHECK(pair.responder.session.peer().features == 0b0100);
}

TEST_CASE("a shared TLS key serves several sessions") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  bob.context->tls_key = make_tls_key(*bob.context->rng);
  for (auto round = 0; round < 2; ++round)
    test_pair{alice, bob}.establish();
}

TEST_CASE("bytes in any pieces give the same session") {
  const auto run = [](size_t cut) {
    auto alice = test_node{0};
    auto bob = test_node{1};
    auto pair = test_pair{alice, bob, bob.id()};
    pair.establish(cut);
    CHECK(pair.initiator.session.send(pattern(3000), pair.now));
    CHECK(pair.responder.session.send(pattern(2000, 2), pair.now));
    pair.pump(cut);
    CHECK(pair.responder.events.payload == pattern(3000));
    CHECK(pair.initiator.events.payload == pattern(2000, 2));
    return std::pair{pair.to_responder, pair.to_initiator};
  };
  const auto bulk = run(SIZE_MAX);
  CHECK(run(1) == bulk);
  CHECK(run(7) == bulk);
}

TEST_CASE("the same seed gives the same bytes, another seed others") {
  const auto run = [](uint64_t seed) {
    auto alice = test_node{0, seed};
    auto bob = test_node{1, seed};
    auto pair = test_pair{alice, bob};
    pair.establish();
    CHECK(pair.initiator.session.send(bytes_of("payload"), pair.now));
    pair.now += 1h;
    CHECK(pair.initiator.session.tick(pair.now));
    pair.pump();
    CHECK(pair.initiator.session.stats().kem_exchanges == 1);
    return std::pair{pair.to_responder, pair.to_initiator};
  };
  const auto first = run(1);
  CHECK(run(1) == first);
  CHECK(run(2) != first);
}

TEST_CASE("a listener may send while it is told") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  auto& a = pair.initiator;
  auto& b = pair.responder;
  b.events.when_established
    = [&] { CHECK(b.session.send(bytes_of("welcome "), pair.now)); };
  b.events.when_payload = [&](std::span<const uint8_t> part) {
    CHECK(b.session.send(part, pair.now));
  };
  a.events.when_established
    = [&] { CHECK(a.session.send(bytes_of("echo"), pair.now)); };
  pair.pump();
  CHECK(text_of(a.events.payload) == "welcome echo");
}

TEST_CASE("a listener may close while it is told") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  pair.responder.events.when_payload
    = [&](std::span<const uint8_t>) { pair.responder.session.close(); };
  CHECK(pair.initiator.session.send(bytes_of("one"), pair.now));
  CHECK(pair.initiator.session.send(bytes_of("two"), pair.now));
  pair.pump();
  CHECK(text_of(pair.responder.events.payload) == "one");
  CHECK(pair.initiator.events.closed == 1);
  CHECK(pair.initiator.session.closed());
}

TEST_CASE("a good-bye arrives once and ends both sides in order") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.send(bytes_of("last words"), pair.now));
  pair.initiator.session.close();
  pair.initiator.session.close();
  CHECK(pair.initiator.session.send(bytes(1), pair.now).error().code
        == ec::connection_closed);
  pair.pump();
  CHECK(text_of(pair.responder.events.payload) == "last words");
  CHECK(pair.responder.events.closed == 1);
  for (auto* end : {&pair.initiator, &pair.responder}) {
    CHECK(end->session.closed());
    CHECK(!end->session.error());
    CHECK(end->session.end_of_stream());
    CHECK(!end->session.next_deadline());
    CHECK(end->session.tick(pair.now));
  }
}

TEST_CASE("a handshake that does not come to its end is given up") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  CHECK(pair.initiator.session.next_deadline() == test_start + 30s);
  CHECK(pair.initiator.session.tick(test_start + 30s - 1ns));
  CHECK(pair.initiator.session.tick(test_start + 30s).error().code
        == ec::timed_out);
  // Bytes that come too late are not looked at, tick or no tick.
  CHECK(
    pair.responder.receive(pair.initiator.take(), test_start + 31s).error().code
    == ec::timed_out);
}

TEST_CASE("payload before the session is established is the caller's mistake") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  CHECK(pair.initiator.session.send(bytes(1), pair.now).error().code
        == ec::wrong_state);
  auto unstarted = test_end{role::responder, bob};
  CHECK(unstarted.receive(bytes(1), pair.now).error().code == ec::wrong_state);
  pair.establish();
}

TEST_CASE("output is bounded and the session lives on") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  alice.options().output_max = 100'000;
  auto pair = test_pair{alice, bob};
  pair.establish();
  auto& session = pair.initiator.session;
  CHECK(session.send(pattern(60'000), pair.now));
  CHECK(session.send(pattern(60'000), pair.now).error().code
        == ec::limit_reached);
  CHECK(session.output().size() <= 100'000);
  pair.pump();
  CHECK(session.send(pattern(60'000), pair.now));
  pair.pump();
  CHECK(pair.responder.events.payload.size() == 120'000);
}

TEST_CASE("a peer that accepts only short records gets only those") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  bob.options().record_payload_max = 100;
  auto pair = test_pair{alice, bob};
  pair.establish();
  CHECK(pair.initiator.session.send(pattern(1000), pair.now));
  pair.pump();
  CHECK(pair.responder.events.payload == pattern(1000));
  CHECK(pair.responder.session.stats().records_in == 10);
}

TEST_CASE("a session does not start with an option out of its range") {
  auto alice = test_node{0};
  alice.options().groups = {0x001d};
  auto end = test_end{role::initiator, alice};
  const auto refused = end.session.start();
  CHECK(refused.error().code == ec::invalid_option);
  CHECK(end.session.output().empty());
  auto none
    = secure_session{role::initiator, nullptr, std::nullopt, test_start};
  CHECK(none.start().error().code == ec::invalid_option);
}

TEST_SUITE_END();
