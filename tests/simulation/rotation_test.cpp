// Keys change all the time, and nobody notices.

#include "tests/simulation/cluster_actors.hpp"

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

void rotate_by_time(size_t index, config::node_options& opts) {
  be_quiet(index, opts);
  opts.security.rotate_interval = 1s;
  opts.security.kem_interval = 5s;
}

void rotate_by_volume(size_t index, config::node_options& opts) {
  be_quiet(index, opts);
  opts.security.rotate_bytes.bytes = 20'000;
  opts.security.rotate_interval = 1h;
}

uint64_t rotations(simulated_cluster& cluster) {
  return peers_of(cluster, 0).at(0).rotations;
}

/// Sends numbered messages both ways, ten a step; checks that each node's
/// counter got all of them, once and in order.
void talk(simulated_cluster& cluster, int steps,
          std::chrono::milliseconds step) {
  auto at_1 = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  auto at_0 = spawn_on<counter_actor>(cluster, 1, 0, "counter");
  auto from_0 = caf::scoped_actor{cluster.system(0).sys()};
  auto from_1 = caf::scoped_actor{cluster.system(1).sys()};
  auto next = uint64_t{0};
  for (auto i = 0; i < steps; ++i) {
    for (auto j = 0; j < 10; ++j, ++next) {
      from_0->send(at_1, next, std::string(200, 'x'));
      from_1->send(at_0, next, std::string(200, 'y'));
    }
    cluster.advance(step);
  }
  CHECK(cluster.ask<std::string>(0, at_1, caf::get_atom_v) == all_below(next));
  CHECK(cluster.ask<std::string>(1, at_0, caf::get_atom_v) == all_below(next));
}

} // namespace

TEST_SUITE_BEGIN("simulation/rotation");

TEST_CASE("keys that change each second lose, double and reorder nothing") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, rotate_by_time};
  REQUIRE(dial(cluster, 0, 1));
  const auto before = rotations(cluster);
  talk(cluster, 200, 100ms);
  // Twenty seconds, both directions.
  CHECK(rotations(cluster) - before >= 36);
}

TEST_CASE("keys that change by volume lose, double and reorder nothing") {
  auto cluster = simulated_cluster{2, 2, add_test_actors, rotate_by_volume};
  REQUIRE(dial(cluster, 0, 1));
  const auto before = rotations(cluster);
  talk(cluster, 200, 1ms);
  // 2,000 messages of more than 200 bytes each way.
  CHECK(rotations(cluster) - before >= 2 * 2'000 * 200 / 20'000 - 4);
}

TEST_CASE("no message is later than a round trip for a change of keys") {
  auto cluster = simulated_cluster{2, 3, add_test_actors, rotate_by_time};
  auto echo = spawn_on<echo_actor>(cluster, 0, 1, "echo");
  auto asker = caf::scoped_actor{cluster.system(0).sys()};
  for (auto i = 0; i < 3'000; ++i) {
    auto pending
      = asker->request(echo, caf::infinite, std::string{"how late is it?"});
    // There and back takes 2 ms; one more round trip is allowed.
    cluster.advance(4ms);
    REQUIRE(asker->has_next_message());
    pending.receive([](const std::string&) {},
                    [](const caf::error& reason) { FAIL(to_string(reason)); });
  }
  CHECK(rotations(cluster) >= 20);
}

TEST_SUITE_END();
