#include "tests/support/simulated_cluster.hpp"

#include <chrono>

using namespace starling;
using namespace std::chrono_literals;
using test::simulated_cluster;

namespace {

/// All nodes start with the address of the first one only.
void know_the_first(size_t index, config::node_options& opts) {
  if (index > 0)
    opts.node.bootstrap.push_back(
      *config::parse_endpoint("memory://" + simulated_cluster::name_of(0)));
}

size_t members_known(simulated_cluster& cluster, size_t index) {
  auto members = cluster.ask<std::vector<member_info>>(
    index, cluster.node(index).context().membership(), list_members{});
  REQUIRE_MESSAGE(members, to_string(members.error()));
  return members->size();
}

size_t peers_known(simulated_cluster& cluster, size_t index) {
  auto peers = cluster.ask<std::vector<peer_status>>(
    index, cluster.node(index).context().mesh(), list_peers{});
  REQUIRE_MESSAGE(peers, to_string(peers.error()));
  return peers->size();
}

} // namespace

TEST_SUITE_BEGIN("simulation/cluster");

TEST_CASE("two simulated nodes open a session") {
  auto cluster = simulated_cluster{2, 1};
  auto peer = cluster.ask<peer_services>(
    0, cluster.node(0).context().mesh(),
    connect_address{cluster.address(1), {cluster.node(1).id()}});
  REQUIRE_MESSAGE(peer, to_string(peer.error()));
  CHECK(peer->id == cluster.node(1).id());
  cluster.advance(1min);
}

TEST_CASE("ten nodes that know one of them find each other") {
  auto cluster = simulated_cluster{10, 7, {}, know_the_first};
  cluster.advance(10s);
  for (size_t i = 0; i < cluster.size(); ++i) {
    CHECK(members_known(cluster, i) == 10);
    CHECK(peers_known(cluster, i) == 9);
  }
  cluster.advance(1min);
  for (size_t i = 0; i < cluster.size(); ++i)
    CHECK(peers_known(cluster, i) == 9);
}

TEST_SUITE_END();
