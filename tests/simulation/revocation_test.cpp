// How the word that a node is out gets around.

#include "runtime/identity/revocation.hpp"

#include "tests/simulation/cluster_actors.hpp"

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t outcast = 1;
constexpr size_t away = 4;
constexpr size_t late = 5;

void know_the_first_but_the_last(size_t index, config::node_options& opts) {
  opts.node.connection_timeout = 2s;
  opts.node.discovery_interval = 5s;
  if (index == late)
    be_quiet(index, opts);
  else
    know_the_first(index, opts);
}

bool has_session(simulated_cluster& cluster, size_t from, size_t to) {
  for (const auto& peer : peers_of(cluster, from))
    if (peer.id == cluster.node(to).id())
      return true;
  return false;
}

size_t revocations_of(const simulated_cluster& cluster, size_t index) {
  return audited(cluster, index, "node.revoked").size();
}

} // namespace

TEST_SUITE_BEGIN("simulation/revocation");

TEST_CASE("a node revoked at one is cut off by all, whenever they come") {
  auto cluster
    = simulated_cluster{6, 31, add_test_actors, know_the_first_but_the_last};
  cluster.advance(10s);
  REQUIRE(peers_of(cluster, 0).size() == 4);
  for (size_t i = 0; i < away; ++i) {
    cluster.network().cut(simulated_cluster::name_of(away),
                          simulated_cluster::name_of(i));
    if (i != outcast)
      cluster.network().cut(simulated_cluster::name_of(late),
                            simulated_cluster::name_of(i));
  }
  REQUIRE(has_session(cluster, 3, outcast));
  REQUIRE(dial(cluster, late, outcast));

  auto rng = identity::seeded_rng{3};
  auto record
    = identity::revoke(cluster.cluster_key(), cluster.node(outcast).id(),
                       cluster.wall_clock(), "stolen laptop", rng);
  REQUIRE(record);
  cluster.node(2).revoke(*record, [](const result<void>& x) { CHECK(x); });
  cluster.advance(5s);
  for (size_t i : {0, 2, 3}) {
    CAPTURE(i);
    CHECK(revocations_of(cluster, i) == 1);
    CHECK_FALSE(has_session(cluster, i, outcast));
    CHECK_FALSE(dial(cluster, outcast, i));
    CHECK_FALSE(dial(cluster, i, outcast));
  }
  CHECK(revocations_of(cluster, away) == 0);

  // The one that was away hears of it when it is back.
  for (size_t i = 0; i < away; ++i)
    cluster.network().heal(simulated_cluster::name_of(away),
                           simulated_cluster::name_of(i), cluster.now());
  cluster.advance(1min);
  CHECK(has_session(cluster, away, 0));
  CHECK(revocations_of(cluster, away) == 1);
  CHECK_FALSE(has_session(cluster, away, outcast));

  // So does one that comes later.
  cluster.network().heal(simulated_cluster::name_of(late),
                         simulated_cluster::name_of(3), cluster.now());
  REQUIRE(dial(cluster, late, 3));
  cluster.advance(5s);
  CHECK(revocations_of(cluster, late) == 1);
  CHECK_FALSE(has_session(cluster, late, outcast));
  CHECK_FALSE(dial(cluster, outcast, late));
}

TEST_SUITE_END();
