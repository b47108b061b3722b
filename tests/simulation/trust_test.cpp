// What a node does about a peer that misbehaves, and how that peer comes back.

#include "tests/simulation/cluster_actors.hpp"

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t near_end = 0;
constexpr size_t far_end = 3;

/// Two hubs, n1 and n2; everybody else dials both, and nobody else.
void dial_the_hubs(size_t index, config::node_options& opts) {
  be_quiet(index, opts);
  opts.trust.quarantine_duration = 10s;
  opts.node.discovery_interval = 5s;
  opts.node.connection_timeout = 2s;
  if (index == 1 || index == 2)
    return;
  for (size_t hub : {1, 2})
    opts.node.bootstrap.push_back(
      *config::parse_endpoint("memory://" + simulated_cluster::name_of(hub)));
}

struct fixture {
  simulated_cluster cluster{10, 21, add_test_actors, dial_the_hubs};
  size_t bad = 0;
  size_t good = 0;

  fixture() {
    cluster.advance(10s);
    // Whoever carries the traffic is the one that will misbehave.
    const auto way = route(far_end);
    REQUIRE(way);
    REQUIRE(way->path.size() == 2);
    bad = way->path.front() == cluster.node(1).id() ? 1 : 2;
    good = 3 - bad;
  }

  caf::expected<route_info> route(size_t to) {
    return cluster.ask<route_info>(near_end,
                                   cluster.node(near_end).context().router(),
                                   find_route{cluster.node(to).id()});
  }

  trust_zone zone() {
    return cluster.node(near_end).trust().of(cluster.node(bad).id()).zone;
  }

  /// The bad one sends bytes that are no gossip.
  void misbehave() {
    auto peer = dial(cluster, bad, near_end);
    REQUIRE(peer);
    const auto victim = service_of<membership_actor>(*peer, "membership");
    auto self = caf::scoped_actor{cluster.system(bad).sys()};
    for (int i = 0; i < 20; ++i)
      self->send(victim, gossip_records{caf::byte_buffer(16, caf::byte{0xff})});
    cluster.advance(1s);
  }

  caf::expected<caf::strong_actor_ptr> spawn_from_bad() {
    auto peer = dial(cluster, bad, near_end);
    REQUIRE(peer);
    return cluster.ask<caf::strong_actor_ptr>(
      bad, service_of<spawner_actor>(*peer, "spawner"),
      spawn_request{"echo", "", {}, {}});
  }

  bool has_session() {
    for (const auto& peer : peers_of(cluster, near_end))
      if (peer.id == cluster.node(bad).id())
        return true;
    return false;
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/trust");

TEST_CASE_FIXTURE(fixture,
                  "a node that misbehaves is avoided, and comes back") {
  // Nothing but a relay leads to the far end.
  cluster.network().cut("n0", "n3");
  auto peer = cluster.ask<peer_services>(
    near_end, cluster.node(near_end).context().mesh(),
    connect_peer{cluster.node(far_end).id()});
  REQUIRE_MESSAGE(peer, to_string(peer.error()));
  auto spawned = cluster.ask<caf::strong_actor_ptr>(
    near_end, service_of<spawner_actor>(*peer, "spawner"),
    spawn_request{"echo", "", {}, {}});
  REQUIRE_MESSAGE(spawned, to_string(spawned.error()));
  const auto remote = caf::actor_cast<echo_actor>(*spawned);
  CHECK(cluster.ask<std::string>(near_end, remote, std::string{"a"}) == "a");
  CHECK(spawn_from_bad());

  misbehave();
  CHECK(zone() == trust_zone::quarantined);
  // The others have seen nothing of it.
  CHECK(cluster.node(far_end).trust().of(cluster.node(bad).id()).zone
        == trust_zone::trusted);
  auto way = route(far_end);
  REQUIRE(way);
  CHECK(way->path.front() == cluster.node(good).id());
  CHECK(route(bad).error() == ec::quarantined);
  CHECK(cluster.ask<std::string>(near_end, remote, std::string{"b"}) == "b");
  CHECK(spawn_from_bad().error() == ec::quarantined);
  CHECK(has_session());

  cluster.advance(11s);
  CHECK(zone() == trust_zone::monitored);
  CHECK(route(bad));
  CHECK(spawn_from_bad());
  cluster.advance(6s);
  CHECK(zone() == trust_zone::trusted);
  CHECK(cluster.ask<std::string>(near_end, remote, std::string{"c"}) == "c");
  auto steps = std::string{};
  for (const auto& event : audited(cluster, near_end, "peer.zone"))
    steps += event.details.at("to") + " ";
  CHECK(steps == "MONITORED QUARANTINED MONITORED TRUSTED ");
}

TEST_CASE_FIXTURE(fixture,
                  "the third quarantine ends the sessions for a while") {
  misbehave();
  cluster.advance(11s);
  misbehave();
  cluster.advance(11s);
  misbehave();
  CHECK(zone() == trust_zone::isolated);
  CHECK_FALSE(has_session());
  CHECK_FALSE(dial(cluster, bad, near_end));
  // In the proportions of the defaults: 24 times the quarantine.
  cluster.advance(4min);
  CHECK(zone() < trust_zone::isolated);
  cluster.advance(1min);
  CHECK(zone() == trust_zone::trusted);
  CHECK(dial(cluster, near_end, bad));
  cluster.advance(5s);
  CHECK(route(bad));
}

TEST_SUITE_END();
