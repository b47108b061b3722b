#include "tests/simulation/cluster_actors.hpp"

#include <chrono>

using namespace starling;
using namespace std::chrono_literals;
using namespace starling::test;

namespace {

/// The first node's file names an actor.
void keep_a_parrot(size_t index, config::node_options& opts) {
  know_the_first(index, opts);
  if (index != 0)
    return;
  auto& entry = opts.actors.emplace_back();
  entry.name = "parrot";
  entry.type = "echo";
}

} // namespace

TEST_SUITE_BEGIN("simulation/configured_actors");

TEST_CASE("an actor of a node file is found from elsewhere, also restarted") {
  auto cluster = simulated_cluster{2, 41, add_test_actors, keep_a_parrot};
  auto peer = dial(cluster, 1, 0);
  REQUIRE(peer);
  const auto spawner = service_of<spawner_actor>(*peer, "spawner");
  const auto find = [&] {
    auto found
      = cluster.ask<caf::strong_actor_ptr>(1, spawner, find_spawned{"parrot"});
    REQUIRE_MESSAGE(found, to_string(found.error()));
    return caf::actor_cast<echo_actor>(*found);
  };
  const auto first = find();
  CHECK(*cluster.ask<std::string>(1, first, std::string{"hi"}) == "hi");
  auto listed
    = cluster.ask<std::vector<spawned_actor>>(1, spawner, list_spawned{});
  REQUIRE(listed);
  REQUIRE(listed->size() == 1);
  CHECK(listed->front().name == "parrot");
  CHECK(listed->front().owner == cluster.node(0).id());
  // Its name is taken.
  auto second = cluster.ask<caf::strong_actor_ptr>(
    1, spawner, spawn_request{"echo", "parrot", {}, {}});
  REQUIRE_FALSE(second);
  CHECK(second.error() == ec::duplicate_name);
  // It is kept alive.
  caf::anon_send_exit(first, caf::exit_reason::kill);
  cluster.advance(1s);
  const auto next = find();
  CHECK(next.address() != first.address());
  CHECK(*cluster.ask<std::string>(1, next, std::string{"again"}) == "again");
}

TEST_SUITE_END();
