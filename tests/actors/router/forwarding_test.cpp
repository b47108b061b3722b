#include "actors/router/forwarding.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::router;
using namespace std::chrono_literals;

namespace {

const auto start = forwarder::clock::time_point{} + 1h;

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

/// Node 5 between neighbours 4 and 6; what is for 9 goes over 6.
struct fixture {
  peer_id self = node(5);
  forwarder model{
    self, {.errors_per_second = 10, .errors_burst = 1'000}, start};
  peer_id cut_off = node(0xee);
  uint8_t next_id = 0;

  /// From 1 to 9.
  packet make() {
    auto result = packet{};
    result.id.bytes[0] = ++next_id;
    result.source = node(1);
    result.destination = node(9);
    return result;
  }

  decision decide(const packet& head, const peer_id& from = node(4)) {
    const auto lookup = [](const peer_id& to) -> result<peer_id> {
      if (to == node(9) || to == node(6))
        return node(6);
      if (to == node(8))
        return node(4);
      if (to == node(7))
        return failure{ec::quarantined, "cut off"};
      return failure{ec::unreachable, "no way leads there"};
    };
    return model.decide(head, from, start, lookup,
                        [&](const peer_id& id) { return id == cut_off; });
  }

  void check_error(const packet& head, const peer_id& from, verdict expected,
                   ec code) {
    const auto outcome = decide(head, from);
    CHECK(outcome.action == expected);
    CHECK_FALSE(outcome.detail.empty());
    REQUIRE(outcome.error);
    CHECK(outcome.error->code == code);
    CHECK(outcome.error->packet == head.id);
    CHECK(outcome.error->destination == head.destination);
    CHECK(outcome.error->at == self);
    CHECK(outcome.error->detail == outcome.detail);
  }
};

} // namespace

TEST_SUITE_BEGIN("router/forwarding");

TEST_CASE_FIXTURE(fixture, "what is for this node is delivered") {
  auto x = make();
  x.destination = self;
  x.ttl = 0;
  const auto outcome = decide(x);
  CHECK(outcome.action == verdict::deliver);
  CHECK_FALSE(outcome.error);
}

TEST_CASE_FIXTURE(fixture, "what is for others goes to the next hop") {
  const auto outcome = decide(make());
  CHECK(outcome.action == verdict::forward);
  CHECK(outcome.next_hop == node(6));
}

TEST_CASE_FIXTURE(fixture, "packets of this node start here") {
  auto x = make();
  x.source = self;
  CHECK(decide(x, self).action == verdict::forward);
  // Nobody has to be told but the caller.
  x = make();
  x.source = self;
  x.destination = node(0xaa);
  const auto outcome = decide(x, self);
  CHECK(outcome.action == verdict::unreachable);
  CHECK_FALSE(outcome.error);
  CHECK(outcome.detail == "no way leads there");
}

TEST_CASE_FIXTURE(fixture, "a packet without hops left goes back as an error") {
  auto x = make();
  x.ttl = 0;
  check_error(x, node(4), verdict::ttl_exceeded, ec::ttl_exceeded);
  x = make();
  x.ttl = 1;
  CHECK(decide(x).action == verdict::forward);
}

TEST_CASE_FIXTURE(fixture, "a packet to nowhere goes back as an error") {
  auto x = make();
  x.destination = node(0xaa);
  check_error(x, node(4), verdict::unreachable, ec::unreachable);
}

TEST_CASE_FIXTURE(fixture, "a packet is not sent back where it came from") {
  auto x = make();
  x.destination = node(8);
  check_error(x, node(4), verdict::unreachable, ec::unreachable);
}

TEST_CASE_FIXTURE(fixture, "a packet that was here before ran in a loop") {
  auto x = make();
  x.flags = packet_flag::record_route;
  x.route = {{node(4), "tcp"}, {self, "tcp"}, {node(6), "tcp"}};
  check_error(x, node(6), verdict::loop, ec::protocol_violation);
  // Its own packet: nobody else has to be told.
  x = make();
  x.source = self;
  const auto outcome = decide(x, node(6));
  CHECK(outcome.action == verdict::loop);
  CHECK_FALSE(outcome.error);
}

TEST_CASE_FIXTURE(fixture, "a packet passes once") {
  auto x = make();
  CHECK(decide(x).action == verdict::forward);
  const auto again = decide(x, node(6));
  CHECK(again.action == verdict::duplicate);
  CHECK_FALSE(again.error);
  // The same id of another source is another packet.
  x.source = node(2);
  CHECK(decide(x).action == verdict::forward);
}

TEST_CASE_FIXTURE(fixture, "a packet that failed may be tried again") {
  auto x = make();
  x.ttl = 0;
  CHECK(decide(x).action == verdict::ttl_exceeded);
  x.ttl = 5;
  CHECK(decide(x).action == verdict::forward);
}

TEST_CASE_FIXTURE(fixture, "nodes that are cut off neither send nor get") {
  auto x = make();
  x.source = cut_off;
  check_error(x, node(4), verdict::quarantined, ec::quarantined);
  x = make();
  x.destination = cut_off;
  check_error(x, node(4), verdict::quarantined, ec::quarantined);
  check_error(make(), cut_off, verdict::quarantined, ec::quarantined);
  x = make();
  x.destination = node(7);
  check_error(x, node(4), verdict::quarantined, ec::quarantined);
}

TEST_CASE_FIXTURE(fixture, "what is for this node may come through one that it "
                           "avoids, if another one sent it") {
  auto x = make();
  x.destination = self;
  CHECK(decide(x, cut_off).action == verdict::deliver);
  x = make();
  x.destination = self;
  x.source = cut_off;
  CHECK(decide(x, cut_off).action == verdict::quarantined);
}

TEST_CASE_FIXTURE(fixture, "an error is never answered with an error") {
  auto x = make();
  x.flags = packet_flag::error;
  x.ttl = 0;
  const auto outcome = decide(x);
  CHECK(outcome.action == verdict::ttl_exceeded);
  CHECK_FALSE(outcome.error);
}

TEST_CASE_FIXTURE(fixture, "only so many errors are sent at once") {
  model = forwarder{self, {.errors_per_second = 1, .errors_burst = 3}, start};
  auto sent = 0;
  for (auto i = 0; i < 100; ++i) {
    auto x = make();
    x.ttl = 0;
    if (decide(x).error)
      ++sent;
  }
  CHECK(sent == 3);
}

TEST_CASE("what is remembered is bounded, and the latest stay") {
  auto recent = recent_packets{100, {1, 2}};
  auto id = packet_id{};
  for (auto i = 0; i < 1'000; ++i) {
    id.bytes[0] = static_cast<uint8_t>(i);
    id.bytes[1] = static_cast<uint8_t>(i >> 8);
    CHECK(recent.insert(node(1), id));
    CHECK_FALSE(recent.insert(node(1), id));
    CHECK(recent.size() <= 100);
  }
  for (auto i = 950; i < 1'000; ++i) {
    id.bytes[0] = static_cast<uint8_t>(i);
    id.bytes[1] = static_cast<uint8_t>(i >> 8);
    CHECK(recent.contains(node(1), id));
  }
}

TEST_CASE("verdicts have names") {
  CHECK(name_of(verdict::deliver) == "deliver");
  CHECK(name_of(verdict::ttl_exceeded) == "ttl_exceeded");
  CHECK(name_of(verdict::quarantined) == "quarantined");
}

TEST_SUITE_END();
