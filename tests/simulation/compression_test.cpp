// node.compression: what two nodes agree on, and what it saves.

#include "tests/simulation/cluster_actors.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Bytes that leave node 0 for a megabyte of text, and whether all arrived.
uint64_t bytes_for_text(bool first, bool second) {
  auto cluster = simulated_cluster{
    2, 1, [](actor_catalog& catalog) { add_test_actors(catalog); },
    [=](size_t index, config::node_options& opts) {
      be_quiet(index, opts);
      opts.node.compression = index == 0 ? first : second;
    }};
  auto counter = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  const auto before = peers_of(cluster, 0).at(0).bytes_out;
  auto text = std::string{};
  while (text.size() < 100'000)
    text += "agent " + std::to_string(text.size()) + " reports 0.125; ";
  for (uint64_t i = 0; i < 10; ++i)
    caf::anon_send(counter, i, text);
  cluster.advance(1s);
  CHECK(cluster.ask<std::string>(0, counter, caf::get_atom_v) == all_below(10));
  return peers_of(cluster, 0).at(0).bytes_out - before;
}

} // namespace

TEST_SUITE_BEGIN("simulation/compression");

TEST_CASE("text takes about half the bytes between nodes that compress") {
  CHECK(bytes_for_text(true, true) < 550'000);
}

TEST_CASE("a node that does not compress gets what it understands") {
  CHECK(bytes_for_text(true, false) > 1'000'000);
  CHECK(bytes_for_text(false, true) > 1'000'000);
}

TEST_SUITE_END();
