// [limits] cpu, memory and storage, as a node's peers feel them.

#include "tests/simulation/cluster_actors.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t memory_limit = 100'000'000;
constexpr size_t message_size = 100'000;

/// What senders may have under way to an actor, see `basp::flow_limits`.
constexpr uint64_t window = 4u << 20;

/// Node 1 uses what the test says.
struct fixture {
  resources::usage used;
  simulated_cluster cluster{
    3, 1, [](actor_catalog& catalog) { add_test_actors(catalog); },
    [](size_t index, config::node_options& opts) {
      be_quiet(index, opts);
      opts.limits.memory.bytes = memory_limit;
      opts.limits.cpu = 0.25;
    },
    [this](size_t index, deploy::node_parts& parts) {
      if (index != 1)
        return;
      parts.processors = 2;
      parts.sample = [this] { return used; };
    }};

  caf::expected<caf::strong_actor_ptr> spawn_from(size_t from) {
    auto peer = dial(cluster, from, 1);
    if (!peer)
      return std::move(peer.error());
    return cluster.ask<caf::strong_actor_ptr>(
      from, service_of<spawner_actor>(*peer, "spawner"),
      spawn_request{"echo",
                    "",
                    {},
                    cluster.system(from).sys().message_types<echo_actor>()});
  }

  /// So many seconds pass in which that many processors work.
  void work(int seconds, std::chrono::nanoseconds each) {
    for (auto i = 0; i < seconds; ++i) {
      used.cpu_time += each;
      cluster.advance(1s);
    }
  }

  uint64_t sent() {
    return peers_of(cluster, 0).at(0).bytes_out;
  }

  template <class T>
  void check_refused(const caf::expected<T>& got, const std::string& why) {
    REQUIRE_FALSE(got);
    CHECK(got.error() == ec::limit_reached);
    CHECK_MESSAGE(to_string(got.error()).find(why) != std::string::npos,
                  to_string(got.error()));
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/limits");

TEST_CASE_FIXTURE(fixture,
                  "without memory nobody spawns, until there is some") {
  REQUIRE(spawn_from(0));
  used.memory = 90'000'000;
  cluster.advance(2s);
  check_refused(spawn_from(0), "90000000 of 100000000");
  CHECK(audited(cluster, 1, "limit.exceeded").size() == 1);
  used.memory = 10'000'000;
  cluster.advance(2s);
  CHECK(spawn_from(0));
  CHECK(audited(cluster, 1, "limit.kept").size() == 1);
}

TEST_CASE_FIXTURE(fixture, "above its share of processors nobody spawns") {
  REQUIRE(spawn_from(0));
  work(15, 750ms);
  check_refused(spawn_from(0), "its share is 25 %");
  work(15, 250ms);
  CHECK(spawn_from(0));
}

TEST_CASE_FIXTURE(fixture, "a node that is full takes in no further peer") {
  REQUIRE(dial(cluster, 0, 1));
  used.memory = 90'000'000;
  cluster.advance(2s);
  CHECK_FALSE(dial(cluster, 2, 1));
  CHECK(peers_of(cluster, 1).size() == 1);
  // Who is there stays.
  CHECK(peers_of(cluster, 0).size() == 1);
  used.memory = 0;
  cluster.advance(2s);
  CHECK(dial(cluster, 2, 1));
}

TEST_CASE_FIXTURE(fixture, "without memory senders get no further credit") {
  auto counter = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  used.memory = memory_limit + 1;
  cluster.advance(2s);
  const auto before = sent();
  for (uint64_t i = 0; i < 100; ++i)
    caf::anon_send(counter, i, std::string(message_size, 'x'));
  cluster.advance(20s);
  CHECK(sent() - before >= window);
  CHECK(sent() - before <= window + 2 * message_size);
  used.memory = 0;
  cluster.advance(10s);
  CHECK(cluster.ask<std::string>(0, counter, caf::get_atom_v)
        == all_below(100));
}

TEST_CASE_FIXTURE(fixture, "above its share of processors credit comes late") {
  auto counter = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  work(15, 750ms);
  const auto before = sent();
  for (uint64_t i = 0; i < 120; ++i)
    caf::anon_send(counter, i, std::string(message_size, 'x'));
  // A window at once, and another one each second.
  work(1, 750ms);
  CHECK(sent() - before <= 2 * window + 3 * message_size);
  work(10, 750ms);
  CHECK(cluster.ask<std::string>(0, counter, caf::get_atom_v)
        == all_below(120));
}

TEST_SUITE_END();
