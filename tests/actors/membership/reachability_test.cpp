#include "actors/membership/reachability.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::membership;
using namespace std::literals;

namespace {

/// Node 1 judges; nodes name their neighbours.
struct fixture {
  membership_table table;
  reachability judge{test_node(1), {}};
  reachability::neighbour_map near;
  reachability::clock::time_point now{1h};
  uint64_t version = 0;

  void say(size_t n, const std::vector<size_t>& neighbours) {
    auto x = test_record(n, ++version).content;
    for (auto other : neighbours)
      x.neighbours.push_back({test_node(other), 0, 1.0F, 0.0F, 0});
    REQUIRE(table.merge(test_record(std::move(x)), test_start, test_verify));
  }

  liveness state_after(std::chrono::seconds wait, size_t n) {
    now += wait;
    static_cast<void>(judge.update(table, near, now));
    return judge.state_of(test_node(n));
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/membership/reachability");

TEST_CASE_FIXTURE(fixture, "a chain of links that both ends name keeps alive") {
  near.emplace(test_node(2), liveness::alive);
  say(2, {1, 3});
  say(3, {2, 4});
  say(4, {3});
  CHECK(state_after(1h, 4) == liveness::alive);
}

TEST_CASE_FIXTURE(fixture, "a link that only one end names does not count") {
  near.emplace(test_node(2), liveness::alive);
  say(2, {1, 3});
  say(3, {2});
  CHECK(state_after(0s, 3) == liveness::alive);
  say(2, {1});
  CHECK(state_after(1s, 3) == liveness::suspect);
  CHECK(state_after(5s, 3) == liveness::dead);
  // It denies its death by a link that the other end names too.
  say(2, {1, 3});
  CHECK(state_after(1s, 3) == liveness::alive);
}

TEST_CASE_FIXTURE(fixture, "a member not reached yet has a time of grace") {
  say(3, {});
  CHECK(state_after(0s, 3) == liveness::alive);
  CHECK(state_after(4s, 3) == liveness::alive);
  CHECK(state_after(1s, 3) == liveness::dead);
}

TEST_CASE_FIXTURE(fixture, "a neighbour is what its probes say") {
  near.emplace(test_node(2), liveness::suspect);
  near.emplace(test_node(3), liveness::alive);
  say(2, {1, 3});
  say(3, {1, 2});
  CHECK(state_after(0s, 2) == liveness::suspect);
  near[test_node(2)] = liveness::dead;
  // Node 3 still names it; our own probes are newer.
  CHECK(state_after(0s, 2) == liveness::dead);
  CHECK(state_after(0s, 3) == liveness::alive);
}

TEST_SUITE_END();
