#include "runtime/session/tls_channel.hpp"

#include "tests/runtime/session/hostile_peer.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

namespace {

/// Hands over whole TLS records. Returns the first failure.
result<void> feed(tls_channel& to, const bytes& data) {
  for (auto rest = std::span{data}; !rest.empty();) {
    const auto size = 5 + (size_t{rest[3]} << 8 | rest[4]);
    if (auto ok = to.receive(rest.first(size), test_start); !ok)
      return ok;
    rest = rest.subspan(size);
  }
  return {};
}

struct channel_pair {
  channel_pair()
    : client{role::initiator, alice.context},
      server{role::responder, bob.context} {
    CHECK(client.start(test_start));
    CHECK(server.start(test_start));
  }

  void settle() {
    while (!client.output().empty() || !server.output().empty()) {
      CHECK(feed(server, std::exchange(client.output(), {})));
      CHECK(feed(client, std::exchange(server.output(), {})));
    }
  }

  test_node alice{0};
  test_node bob{1};
  tls_channel client;
  tls_channel server;
};

} // namespace

TEST_SUITE_BEGIN("session/tls_channel");

TEST_CASE_FIXTURE(channel_pair, "both ends export the same and see both keys") {
  CHECK(!client.ready());
  settle();
  REQUIRE(client.ready());
  REQUIRE(server.ready());
  CHECK(client.group() == secp384r1_ml_kem_1024);
  CHECK(server.group() == secp384r1_ml_kem_1024);
  CHECK(client.own_key_hash() == server.peer_key_hash());
  CHECK(server.own_key_hash() == client.peer_key_hash());
  CHECK(client.own_key_hash() != server.own_key_hash());
  const auto context = bytes_of("context");
  const auto exported = client.exported("EXPORTER-test", context, 64);
  CHECK(exported.size() == 64);
  CHECK(exported == server.exported("EXPORTER-test", context, 64));
  CHECK(exported != server.exported("EXPORTER-other", context, 64));
  CHECK(exported != server.exported("EXPORTER-test", {}, 64));
}

TEST_CASE_FIXTURE(channel_pair, "what one end sends the other one reads") {
  settle();
  CHECK(client.send(bytes_of("there"), test_start));
  CHECK(server.send(bytes_of("back"), test_start));
  settle();
  CHECK(text_of(server.plaintext()) == "there");
  CHECK(text_of(client.plaintext()) == "back");
}

TEST_CASE_FIXTURE(channel_pair, "a record that was changed is tampered with") {
  settle();
  CHECK(client.send(bytes_of("there"), test_start));
  auto data = std::exchange(client.output(), {});
  data.back() ^= 1;
  CHECK(feed(server, data).error().code == ec::tampered);
  CHECK(server.plaintext().empty());
}

TEST_CASE_FIXTURE(channel_pair, "a close in the handshake is told as one") {
  settle();
  client.close();
  const auto closed = feed(server, std::exchange(client.output(), {}));
  CHECK(closed.error().code == ec::connection_closed);
}

TEST_CASE("a client sends a share of the first hybrid and no classical group") {
  auto node = test_node{0};
  auto client = tls_channel{role::initiator, node.context};
  CHECK(client.start(test_start));
  const auto& hello = client.output();
  // A share of 1665 bytes makes the ClientHello; TLS 1.3 records begin 22, 3.
  CHECK(hello.size() > 1665);
  CHECK(hello.size() < 2200);
  CHECK(hello.at(0) == 22);
  // supported_groups (10), RFC 8446 section 4.2.7: exactly the two hybrids.
  const auto groups = bytes{0, 10, 0, 6, 0, 4, 0x11, 0xed, 0x11, 0xec};
  CHECK(std::search(hello.begin(), hello.end(), groups.begin(), groups.end())
        != hello.end());
  // supported_versions (43): TLS 1.3 alone.
  const auto versions = bytes{0, 43, 0, 3, 2, 3, 4};
  CHECK(
    std::search(hello.begin(), hello.end(), versions.begin(), versions.end())
    != hello.end());
}

TEST_CASE("tickets of a server are neither kept nor an obstacle") {
  auto node = test_node{0};
  auto hostile = hostile_peer::make(role::responder, {.tickets = 1});
  auto client = tls_channel{role::initiator, node.context};
  CHECK(client.start(test_start));
  for (auto i = 0; i < 4; ++i) {
    hostile->receive(std::exchange(client.output(), {}));
    CHECK(feed(client, std::exchange(hostile->output, {})));
  }
  CHECK(client.ready());
  hostile->end();
}

TEST_CASE("an alert of the peer says what it was and what we offer") {
  auto node = test_node{0};
  auto client = tls_channel{role::initiator, node.context};
  CHECK(client.start(test_start));
  // handshake_failure (40), fatal: RFC 8446, section 6.
  const auto refused = feed(client, {21, 3, 3, 0, 2, 2, 40});
  CHECK(refused.error().code == ec::negotiation_failed);
  CHECK(refused.error().text.find("hybrid") != std::string::npos);
}

TEST_CASE("garbage gives failures and no exceptions") {
  auto rng = identity::seeded_rng{77};
  auto node = test_node{0};
  for (auto round = 0; round < 300; ++round) {
    auto channel = tls_channel{round % 2 ? role::initiator : role::responder,
                               node.context};
    CHECK(channel.start(test_start));
    auto record = rng.random_vec<bytes>(64);
    record[0] = static_cast<uint8_t>(20 + round % 5);
    record[1] = 3;
    record[2] = 3;
    record[3] = 0;
    record[4] = 59;
    // A plausible handshake type and length now and then.
    if (round % 3 == 0) {
      record[5] = static_cast<uint8_t>(1 + round % 2);
      record[6] = record[7] = 0;
      record[8] = 55;
    }
    static_cast<void>(channel.receive(record, test_start));
    CHECK(!channel.ready());
  }
}

TEST_SUITE_END();
