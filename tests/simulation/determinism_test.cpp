// The same seed gives the same run: what happened, when, and to whom.

#include "tests/simulation/cluster_actors.hpp"

#include <botan/hash.h>
#include <botan/hex.h>

#include <algorithm>
#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Everything that a run of five nodes left behind, as one text: sessions,
/// audit events, messages delivered, bytes on every session, points in time.
std::string trace_of(uint64_t seed) {
  auto cluster = simulated_cluster{5, seed, add_test_actors, know_the_first};
  auto result = std::string{};
  const auto start = cluster.now();
  const auto note = [&](const std::string& text) {
    result
      += std::to_string((cluster.now() - start).count()) + " " + text + "\n";
  };
  cluster.advance(5s);
  auto echo = spawn_on<echo_actor>(cluster, 1, 4, "echo");
  auto counter = spawn_on<counter_actor>(cluster, 2, 3, "counter");
  for (uint64_t i = 0; i < 50; ++i) {
    if (i == 10)
      cluster.network().cut("n1", "n4");
    if (i == 30)
      cluster.network().heal("n1", "n4", cluster.now());
    caf::anon_send(counter, i, std::string(i * 100, 'x'));
    cluster.advance(200ms);
  }
  auto answer = cluster.ask<std::string>(1, echo, std::string{"there?"});
  note(answer ? *answer : to_string(answer.error()));
  auto counted = cluster.ask<std::string>(2, counter, caf::get_atom_v);
  note(counted ? *counted : to_string(counted.error()));
  for (size_t i = 0; i < cluster.size(); ++i) {
    for (const auto& peer : peers_of(cluster, i))
      note(to_string(peer.id) + " " + std::to_string(peer.bytes_in) + " "
           + std::to_string(peer.bytes_out) + " "
           + std::to_string(peer.round_trip_us));
    for (const auto& event : cluster.events(i))
      note(caf::deep_to_string(event));
  }
  return result;
}

std::string digest_of(const std::string& text) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(text);
  return Botan::hex_encode(hash->final());
}

} // namespace

TEST_SUITE_BEGIN("simulation/determinism");

TEST_CASE("the same seed gives the same run") {
  const auto first = trace_of(11);
  const auto second = trace_of(11);
  CHECK(first.size() > 1'000);
  CHECK(digest_of(first) == digest_of(second));
  // Where they part, if they do.
  const auto where
    = std::mismatch(first.begin(), first.end(), second.begin(), second.end());
  if (where.first != first.end())
    MESSAGE(
      first.substr(static_cast<size_t>(where.first - first.begin()), 200));
}

TEST_CASE("another seed gives other keys") {
  CHECK(digest_of(trace_of(11)) != digest_of(trace_of(12)));
}

TEST_SUITE_END();
