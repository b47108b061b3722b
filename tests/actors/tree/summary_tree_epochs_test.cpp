// What ends an epoch: all who are there spoke, time, or a new list of members.

#include "tests/actors/tree/support/tree_fixture.hpp"

using namespace starling;
using namespace std::chrono_literals;

namespace {

using fixture = test::tree_fixture;

} // namespace

TEST_SUITE_BEGIN("actors/tree/summary_tree_epochs");

TEST_CASE_FIXTURE(fixture, "agents that have ended are not waited for") {
  grow(3);
  for (size_t i = 0; i < 3; ++i) {
    report(i, 0, 0, 10, 0.1);
    report(i, 1, 0, 15, 0.1, true);
  }
  for (size_t i = 0; i < 3; ++i)
    report(i, 0, 10, 20, 0.1);
  REQUIRE(heard.size() == 3);
  CHECK(heard[0][0].agents == doctest::Approx(6.0));
  // Half an epoch is worth as much as a whole one.
  CHECK(heard[1][0].agents == doctest::Approx(6.0));
  CHECK(heard[2][0].agents == doctest::Approx(3.0));
}

TEST_CASE_FIXTURE(fixture, "who is silent is left out after a while") {
  grow(3);
  for (size_t i = 0; i < 3; ++i)
    report(i, 0, 0, 10, 0.1);
  CHECK(heard.empty());
  // Children give up first, and then the root.
  advance(3s);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0][0].agents == doctest::Approx(3.0));
  for (size_t i = 0; i < 3; ++i)
    CHECK(status(i).epochs_incomplete == 1);
}

TEST_CASE_FIXTURE(fixture, "a new list of members ends the epochs of the old "
                           "one") {
  grow(3);
  report(0, 0, 0, 10, 0.1);
  CHECK(status(0).epochs_open == 1);
  CHECK(ask<void>(members[0].tree,
                  tree_start{members[0].id, {members[0]}, {{"0/0", ""}}, {}}));
  CHECK(status(0).epochs_open == 0);
  report(0, 0, 10, 10, 0.2);
  REQUIRE(heard.contains(1));
  CHECK(heard[1][0].median == doctest::Approx(0.2));
}

TEST_CASE_FIXTURE(fixture, "what was sent by an old list is not waited for "
                           "once a later epoch is whole") {
  grow(2);
  auto id = peer_id{};
  id.bytes[0] = 2;
  members.push_back({id, spawn(), {}});
  tell(0, true);
  REQUIRE(ask<void>(members[2].tree, tree_start{id, members, {}, {}, true}));
  for (auto agent : {0, 1})
    report(0, agent, 0, 10, 0.1);
  // The other one still has the old list, by which nobody has come.
  for (auto agent : {0, 1})
    report(1, agent, 0, 10, 0.1);
  tell(1, true);
  CHECK(status(2).epochs_open == 1);
  CHECK(status(2).epochs_closed == 0);
  for (size_t i : {0, 1})
    for (auto agent : {0, 1})
      report(i, agent, 10, 10, 0.1);
  CHECK(status(2).epochs_closed == 2);
  CHECK(status(2).epochs_incomplete == 1);
  CHECK(status(2).population.epoch == 1);
  CHECK(status(2).population.agents == doctest::Approx(4.0));
}

TEST_CASE_FIXTURE(fixture, "long after a new list an epoch waits for who is "
                           "behind") {
  grow(2);
  for (size_t i : {0, 1})
    tell(i, true);
  for (size_t i : {0, 1})
    for (auto agent : {0, 1})
      report(i, agent, 0, 40, 0.1);
  REQUIRE(status(0).epochs_closed == 4);
  for (auto agent : {0, 1})
    report(0, agent, 40, 20, 0.1);
  CHECK(status(0).epochs_closed == 4);
  for (auto agent : {0, 1})
    report(1, agent, 40, 20, 0.1);
  CHECK(status(0).epochs_closed == 6);
  CHECK(status(0).epochs_incomplete == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "a node that comes is summed up with the others from "
                  "the next list on") {
  grow(3);
  for (size_t i = 0; i < 3; ++i)
    for (auto agent : {0, 1})
      report(i, agent, 0, 10, 0.1);
  auto id = peer_id{};
  id.bytes[0] = 3;
  members.push_back({id, spawn(), {{"", 2}}});
  for (size_t i = 0; i < 4; ++i)
    tell(i);
  for (size_t i = 0; i < 4; ++i)
    for (auto agent : {0, 1})
      report(i, agent, i == 3 ? 0 : 10, i == 3 ? 20 : 10, 0.1);
  CHECK(heard[0][0].agents == doctest::Approx(6.0));
  REQUIRE(heard.contains(1));
  CHECK(heard[1].back().agents == doctest::Approx(8.0));
}

TEST_SUITE_END();
