// Keys change under load, and nobody notices.

#include "runtime/session/secure_session.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using namespace std::chrono_literals;

namespace {

/// Two sessions on a link with a delay: what is sent in one round arrives
/// `delay` rounds later, so that keys change while records are on their way.
struct slow_link {
  slow_link(test_pair& sessions, size_t rounds)
    : pair{sessions},
      delay{rounds} {
    // nop
  }

  void round() {
    to_responder.push_back(pair.initiator.take());
    to_initiator.push_back(pair.responder.take());
    deliver(to_responder, pair.responder);
    deliver(to_initiator, pair.initiator);
  }

  void deliver(std::deque<bytes>& queue, test_end& to) {
    if (queue.size() <= delay)
      return;
    const auto got = to.receive(queue.front(), pair.now);
    REQUIRE_MESSAGE(got, got.error().text);
    queue.pop_front();
  }

  void drain() {
    for (auto i = size_t{0}; i < 20 * (delay + 1); ++i)
      round();
  }

  test_pair& pair;
  size_t delay;
  std::deque<bytes> to_responder;
  std::deque<bytes> to_initiator;
};

/// Sends a numbered stream from both ends for so many rounds, `step` apart, and
/// checks that both streams arrive whole and in order.
void run_load(test_pair& pair, size_t delay, int rounds,
              std::chrono::milliseconds step) {
  auto link = slow_link{pair, delay};
  auto sent_a = bytes{};
  auto sent_b = bytes{};
  for (auto i = 0; i < rounds; ++i) {
    const auto a
      = pattern(100 + static_cast<size_t>(i) % 900, static_cast<uint32_t>(i));
    const auto b = pattern(50 + static_cast<size_t>(i) % 300,
                           static_cast<uint32_t>(i) + 7777);
    REQUIRE(pair.initiator.session.send(a, pair.now));
    REQUIRE(pair.responder.session.send(b, pair.now));
    sent_a.insert(sent_a.end(), a.begin(), a.end());
    sent_b.insert(sent_b.end(), b.begin(), b.end());
    pair.now += step;
    REQUIRE(pair.initiator.session.tick(pair.now));
    REQUIRE(pair.responder.session.tick(pair.now));
    link.round();
  }
  link.drain();
  CHECK(pair.responder.events.payload == sent_a);
  CHECK(pair.initiator.events.payload == sent_b);
}

void check_in_step(const test_pair& pair) {
  const auto& a = pair.initiator.session.stats();
  const auto& b = pair.responder.session.stats();
  CHECK(a.rotations_out == b.rotations_in);
  CHECK(b.rotations_out == a.rotations_in);
  CHECK(a.kem_exchanges == b.kem_exchanges);
}

} // namespace

TEST_SUITE_BEGIN("session/secure_session/rotation");

TEST_CASE("keys rotate by volume in each direction while records fly") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  alice.options().rotate_records = 5;
  alice.options().kem_rotations = 0;
  bob.options().rotate_bytes = 10'000;
  bob.options().kem_rotations = 0;
  auto pair = test_pair{alice, bob};
  pair.establish();
  run_load(pair, 3, 500, 0ms);
  check_in_step(pair);
  // 500 records at five a key; about 100 kB at 10 kB a key.
  CHECK(pair.initiator.session.stats().rotations_out == 99);
  CHECK(pair.responder.session.stats().rotations_out > 5);
  CHECK(pair.initiator.session.stats().kem_exchanges == 0);
}

TEST_CASE("keys rotate by time while records fly") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  for (auto* node : {&alice, &bob}) {
    node->options().rotate_interval = 1s;
    node->options().kem_interval = 1h;
    node->options().kem_rotations = 0;
  }
  auto pair = test_pair{alice, bob};
  pair.establish();
  run_load(pair, 4, 300, 100ms);
  check_in_step(pair);
  // Thirty seconds at a second a key.
  CHECK(pair.initiator.session.stats().rotations_out >= 28);
  CHECK(pair.initiator.session.stats().rotations_out <= 30);
}

TEST_CASE("fresh exchanges renew both directions while records fly") {
  for (auto group : {secp384r1_ml_kem_1024, x25519_ml_kem_768}) {
    auto alice = test_node{0};
    auto bob = test_node{1};
    for (auto* node : {&alice, &bob}) {
      node->options().groups = {group};
      node->options().rotate_records = 7;
      node->options().kem_interval = 2s;
      node->options().kem_rotations = 0;
    }
    auto pair = test_pair{alice, bob};
    pair.establish();
    run_load(pair, 3, 300, 100ms);
    check_in_step(pair);
    CHECK(pair.initiator.session.stats().kem_exchanges >= 10);
  }
}

TEST_CASE("both sides may start an exchange at once, again and again") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  for (auto* node : {&alice, &bob}) {
    node->options().groups = {x25519_ml_kem_768};
    node->options().rotate_records = 3;
    node->options().kem_rotations = 2;
    node->options().kem_pause = 10ms;
    node->options().kem_peer_burst = 1000;
  }
  auto pair = test_pair{alice, bob};
  pair.establish();
  for (auto delay : {size_t{0}, size_t{1}, size_t{5}}) {
    pair.responder.events.payload.clear();
    pair.initiator.events.payload.clear();
    run_load(pair, delay, 120, 10ms);
    check_in_step(pair);
  }
  CHECK(pair.initiator.session.stats().kem_exchanges >= 15);
}

TEST_CASE("a crossing of offers is settled within a round trip") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  for (auto* node : {&alice, &bob})
    node->options().kem_interval = 80s;
  auto pair = test_pair{alice, bob};
  pair.establish();
  // The responder's patience is over as well, so both offer.
  pair.now += 90s;
  CHECK(pair.initiator.session.tick(pair.now));
  CHECK(pair.responder.session.tick(pair.now));
  CHECK(pair.initiator.session.output().size() > 1665);
  CHECK(pair.responder.session.output().size() > 1665);
  CHECK(pair.initiator.session.send(bytes_of("a"), pair.now));
  CHECK(pair.responder.session.send(bytes_of("b"), pair.now));
  pair.pump();
  CHECK(text_of(pair.responder.events.payload) == "a");
  CHECK(text_of(pair.initiator.events.payload) == "b");
  check_in_step(pair);
  CHECK(pair.initiator.session.stats().kem_exchanges == 1);
  CHECK(pair.initiator.session.next_deadline() == pair.now + 80s);
}

TEST_CASE("an exchange in pieces of a byte renews the keys as well") {
  auto alice = test_node{0};
  auto bob = test_node{1};
  auto pair = test_pair{alice, bob};
  pair.establish();
  pair.now += 1h;
  CHECK(pair.initiator.session.tick(pair.now));
  CHECK(pair.initiator.session.send(bytes_of("early"), pair.now));
  pair.pump(1);
  CHECK(pair.initiator.session.send(bytes_of(" late"), pair.now));
  pair.pump(1);
  CHECK(text_of(pair.responder.events.payload) == "early late");
  CHECK(pair.responder.session.stats().kem_exchanges == 1);
}

TEST_SUITE_END();
