// Keys of the node file, set to what is not their default: each has its effect
// in a whole node. Those with suites of their own are not repeated here:
// limits, bandwidth, compression, rotation, joining, trust.

#include "tests/simulation/cluster_actors.hpp"

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Two nodes of which the first admits nobody who is not on its list.
struct strict_pair {
  peer_id first;
  simulated_cluster cluster;

  explicit strict_pair(const simulated_cluster::tweak_fun& tweak)
    : cluster{2, 1, {}, tweak, [this](size_t index, deploy::node_parts& x) {
                if (index == 0) {
                  first = x.state.key->id();
                  return;
                }
                x.state.cluster.reset();
                x.state.own.reset();
                x.options.security.allow.push_back(first);
              }} {
    // nop
  }

  /// Returns what the second one is told.
  std::string refusal() {
    auto peer = dial(cluster, 1, 0);
    REQUIRE(!peer);
    return to_string(peer.error());
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/options");

TEST_CASE("max_failed_attempts and quarantine_duration shut a stranger out") {
  auto pair = strict_pair{[](size_t index, config::node_options& opts) {
    be_quiet(index, opts);
    opts.trust.max_failed_attempts = 5;
    opts.trust.quarantine_duration = 10min;
  }};
  for (auto i = 0; i < 5; ++i)
    CHECK(has(pair.refusal(), "allow-list"));
  CHECK(has(pair.refusal(), "refused too often"));
  pair.cluster.advance(9min);
  CHECK(has(pair.refusal(), "refused too often"));
  pair.cluster.advance(1min);
  CHECK(has(pair.refusal(), "allow-list"));
}

TEST_CASE("connection_timeout ends an attempt that nobody answers") {
  auto cluster
    = simulated_cluster{2, 1, {}, [](size_t index, config::node_options& opts) {
                          be_quiet(index, opts);
                          opts.node.connection_timeout = 3s;
                        }};
  cluster.network().cut("n0", "n1");
  const auto asked = cluster.now();
  CHECK(!dial(cluster, 0, 1));
  CHECK(cluster.now() - asked >= 3s);
  CHECK(cluster.now() - asked <= 4s);
}

TEST_CASE("heartbeat_interval is the time between two signs of life") {
  for (auto interval : {500ms, 4'000ms}) {
    CAPTURE(interval.count());
    auto cluster
      = simulated_cluster{2, 1, {}, [&](size_t index, config::node_options& x) {
                            be_quiet(index, x);
                            x.node.heartbeat_interval = interval;
                            // Else its news are signs of life, too.
                            x.node.gossip_interval = 1h;
                          }};
    REQUIRE(dial(cluster, 0, 1));
    cluster.network().cut("n0", "n1");
    cluster.advance(3 * interval - 100ms);
    CHECK(audited(cluster, 0, "session.ended").empty());
    cluster.advance(2 * interval);
    CHECK(audited(cluster, 0, "session.ended").size() == 1);
  }
}

TEST_CASE("discovery_interval is the longest that a lost peer waits") {
  // Out of reach for so long that attempts have become rare.
  const auto back_after = [](std::chrono::milliseconds interval) {
    auto cluster
      = simulated_cluster{2, 1, {}, [&](size_t index, config::node_options& x) {
                            be_quiet(index, x);
                            x.node.connection_timeout = 1s;
                            x.node.discovery_interval = interval;
                            know_the_first(index, x);
                          }};
    cluster.network().cut("n0", "n1");
    cluster.advance(20min);
    REQUIRE(peers_of(cluster, 1).empty());
    cluster.network().heal("n0", "n1", cluster.now());
    const auto since = cluster.now();
    while (peers_of(cluster, 1).empty() && cluster.now() - since < 30min)
      cluster.advance(1s);
    return cluster.now() - since;
  };
  const auto soon = back_after(5s);
  const auto late = back_after(4min);
  CHECK_MESSAGE(soon <= 7s, soon.count());
  CHECK_MESSAGE(late > 30s, late.count());
  CHECK_MESSAGE(late <= 4min + 2s, late.count());
}

TEST_CASE("reputation_decay brings a reputation back to neutral") {
  const auto after_an_hour = [](double decay) {
    auto cluster
      = simulated_cluster{2, 1, {}, [&](size_t index, config::node_options& x) {
                            be_quiet(index, x);
                            x.trust.reputation_decay = decay;
                          }};
    auto& trust = cluster.node(0).trust();
    const auto& other = cluster.node(1).id();
    trust.note(other, conduct::violation);
    const auto at_first = trust.of(other).reputation;
    CHECK(at_first < 0.45);
    cluster.advance(1h);
    return (0.5 - trust.of(other).reputation) / (0.5 - at_first);
  };
  CHECK(after_an_hour(0.01) == doctest::Approx(0.99).epsilon(0.001));
  CHECK(after_an_hour(0.4) == doctest::Approx(0.6).epsilon(0.001));
}

TEST_SUITE_END();
