// Who gets a session and who does not, among whole nodes.

#include "runtime/identity/revocation.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <chrono>
#include <list>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

using parts = deploy::node_parts;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Expects that a node does not get in, for that reason, and that the other
/// side wrote it down.
void check_refused(simulated_cluster& cluster, size_t from, size_t to, ec code,
                   const std::string& why) {
  const auto before = audited(cluster, to, "session.refused").size();
  auto peer = dial(cluster, from, to);
  REQUIRE(!peer);
  CHECK_MESSAGE(has(to_string(peer.error()), to_string(code)),
                to_string(peer.error()));
  CHECK_MESSAGE(has(to_string(peer.error()), why), to_string(peer.error()));
  CHECK(peers_of(cluster, to).empty());
  const auto noted = audited(cluster, to, "session.refused");
  REQUIRE(noted.size() == before + 1);
  CHECK_MESSAGE(has(noted.back().details.at("reason"), why),
                noted.back().details.at("reason"));
  CHECK(noted.back().details.at("dialled") == "false");
  // Who dialled has it in its own log too.
  CHECK(!audited(cluster, from, "session.refused").empty());
}

/// Takes its certificate away from every node but the first.
void only_the_first_is_a_member(size_t index, parts& x) {
  if (index == 0)
    return;
  x.state.cluster.reset();
  x.state.own.reset();
}

} // namespace

TEST_SUITE_BEGIN("simulation/admission");

TEST_CASE("nodes that dial each other at once end up with one session") {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    auto cluster = simulated_cluster{2, seed, {}, be_quiet};
    auto askers = std::list<caf::scoped_actor>{};
    for (size_t i = 0; i < 2; ++i) {
      auto& asker = askers.emplace_back(cluster.system(i).sys());
      asker->send(
        cluster.node(i).context().mesh(),
        connect_address{cluster.address(1 - i), {cluster.node(1 - i).id()}});
    }
    cluster.advance(10s);
    for (size_t i = 0; i < 2; ++i) {
      const auto peers = peers_of(cluster, i);
      REQUIRE(peers.size() == 1);
      CHECK(peers[0].id == cluster.node(1 - i).id());
      // Both sides are told that it stands, and nobody of a refusal.
      CHECK((i == 0 ? askers.front() : askers.back())->has_next_message());
      CHECK(audited(cluster, i, "session.refused").empty());
    }
    // It is the same one on both sides, dialled by the smaller id.
    const auto first_dialled = peers_of(cluster, 0)[0].dialled;
    CHECK(first_dialled != peers_of(cluster, 1)[0].dialled);
    CHECK(first_dialled == (cluster.node(0).id() < cluster.node(1).id()));
  }
}

TEST_CASE("who is not the one that was dialled is refused") {
  auto cluster = simulated_cluster{3, 1, {}, be_quiet};
  auto peer = cluster.ask<peer_services>(
    0, cluster.node(0).context().mesh(),
    connect_address{cluster.address(1), {cluster.node(2).id()}});
  REQUIRE(!peer);
  CHECK(peer.error() == ec::authentication_failed);
  CHECK(peers_of(cluster, 0).empty());
  CHECK(peers_of(cluster, 1).empty());
  for (size_t i = 0; i < 2; ++i) {
    const auto noted = audited(cluster, i, "session.refused");
    REQUIRE(noted.size() == 1);
    CHECK(!noted[0].details.at("reason").empty());
  }
}

TEST_CASE("a node of another cluster is refused") {
  auto rng = identity::seeded_rng{99};
  auto other = identity::private_key::generate(rng);
  auto cluster
    = simulated_cluster{2, 1, {}, be_quiet, [&](size_t index, parts& x) {
                          if (index != 1)
                            return;
                          auto body = x.state.own->body;
                          x.state.cluster = other.public_part();
                          x.state.own = *identity::issue(other, body, rng);
                        }};
  auto peer = dial(cluster, 1, 0);
  REQUIRE(!peer);
  CHECK(peers_of(cluster, 0).empty());
  CHECK(audited(cluster, 0, "session.refused").size() == 1);
}

TEST_CASE("a node that shows nothing needs to be on the allow-list") {
  auto first = peer_id{};
  auto cluster
    = simulated_cluster{3, 1, {}, be_quiet, [&](size_t index, parts& x) {
                          only_the_first_is_a_member(index, x);
                          if (index == 0)
                            first = x.state.key->id();
                          else
                            x.options.security.allow.push_back(first);
                        }};
  check_refused(cluster, 1, 0, ec::permission_denied, "allow-list");
}

TEST_CASE("the allow-list lets in who is on it, both ways") {
  const auto first = simulated_cluster::key_of(1, 0).id();
  const auto second = simulated_cluster::key_of(1, 1).id();
  auto cluster
    = simulated_cluster{3, 1, {}, be_quiet, [&](size_t index, parts& x) {
                          x.state.cluster.reset();
                          x.state.own.reset();
                          // 0 and 1 know each other; 2 knows both, but nobody
                          // knows it.
                          if (index != 1)
                            x.options.security.allow.push_back(second);
                          if (index != 0)
                            x.options.security.allow.push_back(first);
                        }};
  CHECK(dial(cluster, 0, 1));
  auto refused = dial(cluster, 2, 0);
  REQUIRE(!refused);
  CHECK(has(to_string(refused.error()), "allow-list"));
  CHECK(peers_of(cluster, 0).size() == 1);
}

TEST_CASE("a revoked node loses its session and gets no other") {
  auto cluster = simulated_cluster{3, 1, {}, be_quiet};
  REQUIRE(dial(cluster, 1, 0));
  REQUIRE(dial(cluster, 1, 2));
  auto rng = identity::seeded_rng{3};
  auto record = identity::revoke(cluster.cluster_key(), cluster.node(1).id(),
                                 cluster.wall_clock(), "stolen laptop", rng);
  REQUIRE(record);
  auto done = std::vector<bool>{};
  cluster.node(0).revoke(*record, [&](const result<void>& x) {
    done.push_back(static_cast<bool>(x));
  });
  cluster.advance(5s);
  CHECK(done == std::vector{true});
  CHECK(peers_of(cluster, 0).empty());
  CHECK(audited(cluster, 0, "node.revoked").size() == 1);
  CHECK(audited(cluster, 0, "session.ended").size() == 1);
  check_refused(cluster, 1, 0, ec::revoked, "is revoked");
  // Nor does the node dial it.
  auto dialled = dial(cluster, 0, 1);
  REQUIRE(!dialled);
  CHECK(dialled.error() == ec::revoked);
}

TEST_CASE("a revocation that the cluster did not sign puts nobody out") {
  auto cluster = simulated_cluster{2, 1, {}, be_quiet};
  REQUIRE(dial(cluster, 1, 0));
  auto rng = identity::seeded_rng{3};
  auto other = identity::private_key::generate(rng);
  auto record = identity::revoke(other, cluster.node(1).id(),
                                 cluster.wall_clock(), "because", rng);
  REQUIRE(record);
  auto done = std::vector<bool>{};
  cluster.node(0).revoke(*record, [&](const result<void>& x) {
    done.push_back(static_cast<bool>(x));
  });
  cluster.advance(5s);
  CHECK(done == std::vector{false});
  CHECK(peers_of(cluster, 0).size() == 1);
}

TEST_CASE("nodes beyond max_peers are refused, and let in when there is room") {
  auto cluster
    = simulated_cluster{4, 1, {}, [](size_t index, config::node_options& opts) {
                          be_quiet(index, opts);
                          if (index == 0)
                            opts.limits.max_peers = 2;
                        }};
  REQUIRE(dial(cluster, 1, 0));
  REQUIRE(dial(cluster, 2, 0));
  auto refused = dial(cluster, 3, 0);
  REQUIRE(!refused);
  CHECK_MESSAGE(has(to_string(refused.error()), "max_peers is reached (2)"),
                to_string(refused.error()));
  CHECK(peers_of(cluster, 0).size() == 2);
  CHECK(audited(cluster, 0, "session.refused").size() == 1);
  auto gone = caf::scoped_actor{cluster.system(0).sys()};
  gone->send(cluster.node(0).context().mesh(),
             disconnect_peer{cluster.node(1).id(), "make room"});
  cluster.advance(5s);
  CHECK(dial(cluster, 3, 0));
}

TEST_CASE("a node that was refused too often is not looked at for an hour") {
  auto first = peer_id{};
  auto cluster
    = simulated_cluster{2, 1, {}, be_quiet, [&](size_t index, parts& x) {
                          only_the_first_is_a_member(index, x);
                          if (index == 0)
                            first = x.state.key->id();
                          else
                            x.options.security.allow.push_back(first);
                        }};
  for (auto i = 0; i < 3; ++i)
    check_refused(cluster, 1, 0, ec::permission_denied, "allow-list");
  check_refused(cluster, 1, 0, ec::permission_denied, "refused too often");
  cluster.advance(59min);
  check_refused(cluster, 1, 0, ec::permission_denied, "refused too often");
  cluster.advance(1min);
  check_refused(cluster, 1, 0, ec::permission_denied, "allow-list");
}

TEST_SUITE_END();
