// Keys change all the time, and nobody notices.

#include "actors/link/memory_network.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

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

/// What came to one node: the numbers of the messages, and when.
struct arrivals {
  std::vector<uint64_t> numbers;
  std::vector<simulated_cluster::time_point> at;
};

constexpr auto one_way = 1ms;

struct load_run {
  std::array<arrivals, 2> heard;
  uint64_t rotations = 0;
  uint64_t bytes = 0;
};

constexpr uint64_t messages = 6'000;

/// Two nodes send each other numbered messages of all sizes for six seconds,
/// a third of what their link carries.
load_run run_under_load(const simulated_cluster::tweak_fun& tweak) {
  auto result = load_run{};
  auto made = size_t{0};
  auto sinks = std::array<caf::actor, 2>{};
  auto cluster = simulated_cluster{
    2, 3,
    [&](actor_catalog& catalog) {
      // Catalogs are filled in the order of their nodes.
      auto* heard = &result.heard.at(made);
      auto* sink = &sinks.at(made++);
      REQUIRE(!catalog.add<caf::actor>(
        "sink", "notes what comes when",
        [heard, sink](node_context& node,
                      const caf::settings&) -> caf::expected<caf::actor> {
          *sink = node.system->spawn(
            [heard](caf::event_based_actor* self) -> caf::behavior {
              return {[heard, self](uint64_t number, const std::string&) {
                heard->numbers.push_back(number);
                heard->at.push_back(self->clock().now());
              }};
            });
          return *sink;
        }));
    },
    tweak};
  cluster.network().set_path("n0", "n1", {one_way, 2'000'000});
  auto remote = std::array<caf::actor, 2>{};
  for (size_t from : {0, 1}) {
    auto peer = dial(cluster, from, 1 - from);
    REQUIRE(peer);
    auto spawned = cluster.ask<caf::strong_actor_ptr>(
      from, service_of<spawner_actor>(*peer, "spawner"),
      spawn_request{"sink", "", {}, {}});
    REQUIRE_MESSAGE(spawned, to_string(spawned.error()));
    remote.at(1 - from) = caf::actor_cast<caf::actor>(*spawned);
  }
  cluster.advance(1s);
  const auto before = peers_of(cluster, 0).at(0);
  for (uint64_t i = 0; i < messages; ++i) {
    // Some need several records.
    const auto size = i % 100 == 50 ? size_t{20'000} : i % 7 * 120;
    for (auto& to : remote)
      caf::anon_send(to, i, std::string(size, 'x'));
    cluster.advance(1ms);
  }
  cluster.advance(1s);
  const auto after = peers_of(cluster, 0).at(0);
  result.rotations = after.rotations - before.rotations;
  result.bytes = after.bytes_out - before.bytes_out;
  for (auto& each : sinks) {
    caf::anon_send_exit(each, caf::exit_reason::kill);
    each = nullptr;
  }
  remote = {};
  cluster.advance(1s);
  return result;
}

void never_rotate(size_t index, config::node_options& opts) {
  be_quiet(index, opts);
  opts.security.rotate_interval = 24h;
  opts.security.kem_interval = 24h;
}

/// Checks that nothing was lost, doubled or overtaken, and that no message came
/// later than a round trip after it would have come without a change of keys.
void check_in_time(const load_run& base, const load_run& run) {
  for (size_t node : {0, 1}) {
    const auto& expected = base.heard.at(node);
    const auto& heard = run.heard.at(node);
    REQUIRE(expected.numbers.size() == messages);
    CHECK(heard.numbers == expected.numbers);
    CHECK(std::ranges::is_sorted(heard.numbers));
    REQUIRE(heard.at.size() == expected.at.size());
    auto worst = std::chrono::nanoseconds{0};
    for (size_t i = 0; i < heard.at.size(); ++i)
      worst = std::max<std::chrono::nanoseconds>(worst,
                                                 heard.at[i] - expected.at[i]);
    CHECK_MESSAGE(worst <= 2 * one_way, worst.count() << " ns");
  }
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

TEST_CASE("under load, changed keys delay nothing by more than a round trip") {
  const auto base = run_under_load(never_rotate);
  CHECK(base.rotations == 0);
  // The link is busy: it carries twelve megabytes in that time.
  CHECK(base.bytes > 3'500'000);
  SUBCASE("by time") {
    const auto run
      = run_under_load([](size_t index, config::node_options& opts) {
          never_rotate(index, opts);
          opts.security.rotate_interval = 50ms;
        });
    CHECK(run.rotations >= 200);
    check_in_time(base, run);
  }
  SUBCASE("by volume") {
    const auto run
      = run_under_load([](size_t index, config::node_options& opts) {
          never_rotate(index, opts);
          opts.security.rotate_bytes.bytes = 20'000;
        });
    CHECK(run.rotations >= 350);
    check_in_time(base, run);
  }
  SUBCASE("by fresh exchanges") {
    const auto run
      = run_under_load([](size_t index, config::node_options& opts) {
          never_rotate(index, opts);
          // Sooner than it may be.
          opts.security.kem_interval = 100ms;
        });
    CHECK(run.rotations >= 8);
    check_in_time(base, run);
  }
}

TEST_SUITE_END();
