// [limits] bandwidth: what all links of a node send together.

#include "tests/simulation/cluster_actors.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t rate = 1'000'000;
constexpr size_t message_size = 100'000;

/// Node 0 may send a megabyte a second; the others are its peers.
struct fixture {
  simulated_cluster cluster{
    4, 1, [](actor_catalog& catalog) { add_test_actors(catalog); },
    [](size_t index, config::node_options& opts) {
      be_quiet(index, opts);
      if (index == 0)
        opts.limits.bandwidth.bytes_per_second = rate;
    }};
  counter_actor first = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  counter_actor second = spawn_on<counter_actor>(cluster, 0, 2, "counter");
  echo_actor third = spawn_on<echo_actor>(cluster, 0, 3, "echo");

  void flood(const counter_actor& to, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      caf::anon_send(to, i, std::string(message_size, 'x'));
  }

  uint64_t sent_to(size_t index) {
    for (const auto& peer : peers_of(cluster, 0))
      if (peer.id == cluster.node(index).id())
        return peer.bytes_out;
    return 0;
  }

  uint64_t sent() {
    return sent_to(1) + sent_to(2) + sent_to(3);
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/bandwidth");

TEST_CASE_FIXTURE(fixture, "a flood on several links keeps to the rate") {
  cluster.advance(1s);
  const auto one = sent_to(1);
  const auto two = sent_to(2);
  flood(first, 60);
  flood(second, 60);
  cluster.advance(5s);
  const auto to_first = sent_to(1) - one;
  const auto to_second = sent_to(2) - two;
  // A burst is the hundredth part of a second; headers and seals of the records
  // count too, and are the more the smaller the pieces.
  CHECK(to_first + to_second <= 5 * rate + 10'000 + 3 * 4'096);
  CHECK(to_first + to_second >= 5 * rate * 93 / 100);
  CHECK(static_cast<double>(to_first)
        == doctest::Approx(static_cast<double>(to_second)).epsilon(0.02));
  // Nothing is lost, nothing overtakes.
  cluster.advance(10s);
  CHECK(cluster.ask<std::string>(0, first, caf::get_atom_v) == all_below(60));
  CHECK(cluster.ask<std::string>(0, second, caf::get_atom_v) == all_below(60));
}

TEST_CASE_FIXTURE(fixture, "a small message gets past a flood to others") {
  flood(first, 60);
  flood(second, 60);
  cluster.advance(1s);
  for (auto i = 0; i < 10; ++i) {
    const auto asked = cluster.now();
    CHECK(cluster.ask<std::string>(0, third, std::string{"hello"}) == "hello");
    CHECK(cluster.now() - asked <= 20ms);
  }
}

TEST_CASE_FIXTURE(fixture, "a link that takes nothing leaves others the rate") {
  cluster.network().cut("n0", "n1");
  flood(first, 100);
  flood(second, 60);
  // The link takes a megabyte before it counts as full.
  cluster.advance(2s);
  const auto before = sent_to(2);
  cluster.advance(1s);
  CHECK(sent_to(2) - before >= rate * 9 / 10);
}

TEST_SUITE_END();
