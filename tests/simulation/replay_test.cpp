// A minute in the life of ten nodes in a ring: relays, a router that crashes, a
// node that is cut off, and an experiment across them. All of it on one thread,
// with real sessions; the base of every simulation.

#include "actors/bundled.hpp"
#include "messages/experiment.hpp"
#include "messages/router.hpp"
#include "tests/simulation/cluster_actors.hpp"
#include "tests/support/cpu_time.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t ring_size = 10;

bool are_neighbours(size_t a, size_t b) {
  return (a + 1) % ring_size == b || (b + 1) % ring_size == a;
}

void know_the_next(size_t index, config::node_options& opts) {
  opts.node.connection_timeout = 1s;
  opts.node.dial = "bootstrap";
  opts.node.bootstrap.push_back(*config::parse_endpoint(
    "memory://" + simulated_cluster::name_of((index + 1) % ring_size)));
}

void add_all_actors(actor_catalog& catalog) {
  REQUIRE_FALSE(add_bundled_actors(catalog));
  REQUIRE(!catalog.add<counter_actor>(
    "counter", "notes numbers",
    [](node_context& node,
       const caf::settings&) -> caf::expected<counter_actor> {
      return node.system->spawn(counter, node.mesh());
    }));
}

class ring {
public:
  explicit ring(uint64_t seed)
    : cluster{ring_size, seed, add_all_actors, know_the_next} {
    for (size_t a = 0; a < ring_size; ++a)
      for (size_t b = a + 1; b < ring_size; ++b)
        if (!are_neighbours(a, b))
          cluster.network().cut(name(a), name(b));
  }

  ~ring() {
    caf::anon_send_exit(runner_, caf::exit_reason::user_shutdown);
    runner_ = nullptr;
    finished.reset();
    cluster.advance(1s);
  }

  static std::string name(size_t index) {
    return simulated_cluster::name_of(index);
  }

  peer_services meet(size_t from, size_t to) {
    auto peer
      = cluster.ask<peer_services>(from, cluster.node(from).context().mesh(),
                                   connect_peer{cluster.node(to).id()});
    REQUIRE_MESSAGE(peer, to_string(peer.error()));
    return *peer;
  }

  template <class Handle>
  Handle
  spawn(size_t from, const spawner_actor& where, const std::string& type) {
    auto made = cluster.ask<caf::strong_actor_ptr>(
      from, where, spawn_request{type, "", {}, {}});
    REQUIRE_MESSAGE(made, to_string(made.error()));
    return caf::actor_cast<Handle>(*made);
  }

  void start_experiment(std::initializer_list<size_t> others) {
    const auto own = cluster.node(0).context().spawner();
    runner_ = spawn<experiment_actor>(0, own, "experiment");
    auto what = run_experiment{};
    what.file = "replay.toml";
    what.text = "[experiment]\nname = \"replay\"\nrows_max = 400\nrate = 20\n";
    what.data_dir = (test::source_folder() / "examples/data").string();
    what.out_dir = (out_ / "result").string();
    what.nodes.push_back({name(0), cluster.node(0).id(), own});
    for (auto other : others)
      what.nodes.push_back(
        {name(other), cluster.node(other).id(),
         service_of<spawner_actor>(meet(0, other), "spawner")});
    cluster.system(0).sys().spawn([this, what](caf::event_based_actor* self) {
      self->request(runner_, caf::infinite, what)
        .then([this](experiment_outcome& done) { finished = std::move(done); },
              [](const caf::error& reason) { FAIL(to_string(reason)); });
    });
    cluster.run();
  }

  [[nodiscard]] std::string scores() const {
    auto in = std::ifstream{out_ / "result" / "scores.csv"};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  /// All that happened, and what went over the sessions.
  std::string trace() {
    auto result = scores();
    for (size_t i = 0; i < ring_size; ++i) {
      for (const auto& peer : peers_of(cluster, i))
        result += caf::deep_to_string(peer) + "\n";
      for (const auto& event : cluster.events(i))
        result += caf::deep_to_string(event) + "\n";
    }
    return result;
  }

  simulated_cluster cluster;
  std::optional<experiment_outcome> finished;

private:
  scratch_folder out_;
  experiment_actor runner_;
};

/// Returns what happened in the minute.
std::string one_minute(uint64_t seed) {
  auto test = ring{seed};
  auto& cluster = test.cluster;
  const auto start = cluster.now();
  cluster.advance(5s);
  // Half around the ring: only relays lead there.
  const auto far = test.meet(0, 5);
  const auto counter = test.spawn<counter_actor>(
    0, service_of<spawner_actor>(far, "spawner"), "counter");
  const auto peers = peers_of(cluster, 0);
  CHECK(std::count_if(peers.begin(), peers.end(),
                      [](const auto& x) { return x.relayed; })
        == 1);
  test.start_experiment({1, 3});
  auto router = cluster.node(7).context().router().address();
  for (uint64_t i = 0; cluster.now() < start + 1min; ++i) {
    if (i == 20)
      // Whichever way round the messages went, one side is gone now.
      for (size_t other : {0, 2})
        cluster.network().cut("n1", ring::name(other));
    if (i == 60)
      caf::anon_send_exit(cluster.node(7).context().router(),
                          caf::exit_reason::kill);
    caf::anon_send(counter, i, std::string(100, 'x'));
    cluster.advance(250ms);
  }
  // Nothing was lost, and none overtook another.
  auto counted = cluster.ask<std::string>(0, counter, caf::get_atom_v);
  REQUIRE_MESSAGE(counted, to_string(counted.error()));
  const auto heard
    = static_cast<uint64_t>(std::count(counted->begin(), counted->end(), ' '));
  CHECK(*counted == all_below(heard));
  CHECK(heard > 200);
  // The router came back, and so did what stands on it.
  CHECK(cluster.node(7).context().router().address() != router);
  CHECK(!audited(cluster, 7, "role.restarted").empty());
  CHECK(test.finished);
  return test.trace();
}

} // namespace

TEST_SUITE_BEGIN("simulation/replay");

TEST_CASE("a minute of ten nodes is the same from the same seed") {
  const auto begin = cpu_time();
  const auto first = one_minute(5);
  MESSAGE("this minute took "
          << static_cast<int>((cpu_time() - begin).count())
          << " ms of processor time, from the first key to the last goodbye");
  // tests/simulation/replay_in_another_process_test.cmake compares it.
  MESSAGE("fingerprint " << std::hash<std::string>{}(first));
  CHECK(first.size() > 50'000);
  const auto second = one_minute(5);
  // Where they part, if they do.
  const auto where
    = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
  CHECK_MESSAGE(first == second,
                std::string(where.first, first.end() - where.first > 200
                                           ? where.first + 200
                                           : first.end()));
}

TEST_SUITE_END();
