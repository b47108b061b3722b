#include "actors/tree/summary_tree.hpp"

#include "tests/actors/tree/support/tree_fixture.hpp"

using namespace starling;
using namespace starling::tree;
using namespace std::chrono_literals;

namespace {

using fixture = test::tree_fixture;

} // namespace

TEST_SUITE_BEGIN("actors/tree/summary_tree");

TEST_CASE_FIXTURE(fixture, "every node learns how all agents fare, epoch by "
                           "epoch") {
  grow(7);
  for (uint64_t epoch = 0; epoch < 5; ++epoch)
    for (size_t i = 0; i < 7; ++i) {
      // Of 14 agents the first is always at 1, the others at i / 10.
      report(i, 0, 10 * epoch, 10, i == 0 ? 1.0 : static_cast<double>(i) / 10);
      report(i, 1, 10 * epoch, 10, static_cast<double>(i) / 10);
    }
  REQUIRE(heard.size() == 5);
  for (const auto& [epoch, said] : heard) {
    REQUIRE(said.size() == 1);
    CHECK(said[0].agents == doctest::Approx(14.0));
    // Seven of them are at 0.3 or below, and seven at 0.4 or above.
    CHECK(said[0].median >= 0.3);
    CHECK(said[0].median <= 0.4);
    REQUIRE(said[0].quantiles.size() == 6);
    CHECK(said[0].quantiles[5] == 1.0);
  }
  for (size_t i = 0; i < 7; ++i) {
    CHECK(status(i).epochs_open == 0);
    CHECK(status(i).epochs_closed == 5);
    CHECK(status(i).epochs_incomplete == 0);
    CHECK(status(i).population.epoch == 4);
  }
}

TEST_CASE_FIXTURE(fixture, "levels travel up and down through committees") {
  committee = 3;
  grow(21);
  for (size_t i = 0; i < 21; ++i)
    for (auto agent : {0, 1})
      report(i, agent, 0, 10, static_cast<double>(i) / 100);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0][0].agents == doctest::Approx(42.0));
  for (size_t i = 0; i < 21; ++i) {
    CHECK(status(i).epochs_incomplete == 0);
    // Of three fellows' words no node can be quite sure.
    CHECK(status(i).population.agents == doctest::Approx(42.0));
    CHECK(status(i).population.median >= 0.0);
    CHECK(status(i).population.median <= 0.2);
  }
}

TEST_CASE_FIXTURE(fixture, "every node learns along which directions strange "
                           "agents move, and how many do") {
  committee = 4;
  grow(28);
  // A third of the agents drops in the first feature at its strangest row of
  // the epoch, and rises in the second one before, after, and in the next.
  for (size_t i = 0; i < 28; ++i)
    for (auto agent : {0, 1}) {
      auto batch = score_batch{};
      batch.subject = agent_name(i, agent);
      batch.levels.assign(20, 0.1);
      if ((2 * i + static_cast<size_t>(agent)) % 3 == 0) {
        batch.levels[3] = 0.85;
        batch.levels[7] = 0.97;
        batch.levels[8] = 0.9;
        batch.levels[12] = 0.85;
        batch.evidence
          = {off(3, 1, 4.0), off(7, 0, -6.0), off(8, 1, 4.0), off(12, 1, 4.0)};
      }
      REQUIRE(ask<void>(members[i].tree, batch));
    }
  REQUIRE(heard.size() == 2);
  // 19 of 56, as far as each committee of four bears it out.
  REQUIRE(heard[0].size() == 1);
  CHECK(heard[0][0].features == 1);
  REQUIRE(heard[0][0].directions.size() == 1);
  CHECK(std::abs(heard[0][0].directions[0])
        == doctest::Approx(std::sqrt(19.0 / 56.0)).epsilon(1e-4));
  REQUIRE(heard[1][0].features == 2);
  CHECK(heard[1][0].directions[0] == doctest::Approx(0.0));
  CHECK(std::abs(heard[1][0].directions[1])
        == doctest::Approx(std::sqrt(19.0 / 56.0)).epsilon(1e-4));
  for (size_t i = 0; i < 28; ++i)
    CHECK(status(i).epochs_incomplete == 0);
}

TEST_CASE_FIXTURE(fixture, "liars below, beside and above move nothing while "
                           "they are fewer than a third of each committee") {
  const auto place = plan_of(28);
  REQUIRE(place.committees() == 7);
  auto liars = std::set<uint8_t>{};
  for (size_t i = 0; i < 7; ++i)
    liars.insert(place.members_of(i)[i % 4].bytes[0]);
  play(28, liars);
  for (uint8_t i = 0; i < 28; ++i) {
    if (liars.contains(i))
      continue;
    CHECK(status(i).population.agents == doctest::Approx(56.0));
    CHECK(status(i).population.median == doctest::Approx(0.2));
    CHECK(status(i).population.middle_mean == doctest::Approx(0.2));
    // One in four moves aside, by its own word.
    CHECK(share_along(i, 1) <= 0.2501);
  }
}

TEST_CASE_FIXTURE(fixture, "who holds the root can't move what is believed "
                           "beyond the word of each node's own committee") {
  auto liars = std::set<uint8_t>{};
  const auto plan = plan_of(28);
  for (const auto& id : plan.members_of(0))
    liars.insert(id.bytes[0]);
  play(28, liars);
  for (uint8_t i = 0; i < 28; ++i)
    if (!liars.contains(i)) {
      // They alone have said how many agents there are.
      CHECK(status(i).population.agents == 1.0);
      CHECK(status(i).population.median == doctest::Approx(0.2));
      // They say that everybody moves aside. Of the four in this committee
      // nobody does: two standard errors of one in four.
      CHECK(share_along(i, 1) <= 0.4331);
    }
}

TEST_CASE_FIXTURE(fixture, "each kind of agents is summed up by itself, also "
                           "where a node has none of it") {
  grow(4);
  for (size_t i = 0; i < members.size(); ++i)
    members[i].agents = i == 3
                          ? std::vector<kind_count>{{"pump", 2}}
                          : std::vector<kind_count>{{"pump", 1}, {"valve", 1}};
  for (size_t i = 0; i < members.size(); ++i)
    REQUIRE(ask<void>(members[i].tree, tree_start{members[i].id,
                                                  members,
                                                  {{agent_name(i, 0), "pump"},
                                                   {agent_name(i, 1),
                                                    i == 3 ? "pump" : "valve"}},
                                                  {}}));
  for (size_t i = 0; i < members.size(); ++i) {
    report(i, 0, 0, 10, 0.1);
    report(i, 1, 0, 10, i == 3 ? 0.1 : 0.9);
  }
  REQUIRE(heard[0].size() == 2);
  for (const auto& said : heard[0]) {
    CHECK(said.agents == doctest::Approx(said.kind == "pump" ? 5.0 : 3.0));
    CHECK(said.quantiles.front() == (said.kind == "pump" ? 0.1 : 0.9));
    CHECK(said.quantiles.back() == (said.kind == "pump" ? 0.1 : 0.9));
  }
  CHECK(heard[0][0].kind != heard[0][1].kind);
  CHECK(status(0).epochs_incomplete == 0);
  CHECK(code_of(
          ask<void>(members[0].tree,
                    summary_up{0, "gate", members[1].id, {1.0}, {1.0}, 0, {}}))
        == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "rows that come again count once") {
  grow(1);
  report(0, 0, 0, 10, 0.1);
  report(0, 0, 5, 10, 0.9);
  report(0, 1, 0, 10, 0.1);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0][0].quantiles.back() == 0.1);
}

TEST_CASE_FIXTURE(fixture, "summaries of strangers, from above or below, are "
                           "refused") {
  grow(3);
  // This test is not the member that it names.
  CHECK(
    code_of(ask<void>(members[0].tree,
                      summary_up{0, "", members[1].id, {1.0}, {1.0}, 0, {}}))
    == ec::permission_denied);
  for (size_t i = 0; i < 3; ++i)
    report(i, 0, 0, 10, 0.1);
  advance(3s);
  auto forged = population_summary{};
  forged.median = 1.0;
  forged.quantiles = {1, 1, 1, 1, 1, 1};
  for (size_t i = 0; i < 3; ++i) {
    ask<void>(members[i].tree, forged);
    CHECK(status(i).population.median != 1.0);
  }
}

TEST_CASE_FIXTURE(fixture, "who refuses what a tree sends does not end it") {
  grow(2);
  auto id = peer_id{};
  id.bytes[0] = 2;
  // Knows only itself, so that nobody is its fellow.
  auto alone = tree_member{id, spawn(), {{"", 2}}};
  REQUIRE(ask<void>(alone.tree, tree_start{id, {alone}, {}, {}}));
  members.push_back(alone);
  for (size_t i = 0; i < 2; ++i)
    tell(i);
  for (size_t i = 0; i < 2; ++i)
    for (auto agent : {0, 1})
      report(i, agent, 0, 10, 0.1);
  advance(3s);
  CHECK(status(0).epochs_closed == 1);
  CHECK(status(0).population.agents == doctest::Approx(4.0));
}

TEST_CASE_FIXTURE(fixture, "equal weights are told once") {
  auto told = std::vector<summary_up>{};
  const auto fellow
    = sys().spawn([&told]() -> summary_tree_actor::behavior_type {
        return {
          [](const tree_start&) {},
          [](const score_batch&) {},
          [&told](const summary_up& msg) { told.push_back(msg); },
          [](const population_summary&) {},
          [](const query_tree&) { return tree_status{}; },
          [](caf::subscribe_atom, const population_listener_actor&) {},
        };
      });
  ours.push_back(caf::actor_cast<caf::actor>(fellow));
  grow(1);
  auto id = peer_id{};
  id.bytes[0] = 1;
  members.push_back({id, fellow, {{"", 2}}});
  REQUIRE(ask<void>(
    members[0].tree,
    tree_start{members[0].id, members, {{"0/0", ""}, {"0/1", ""}}, {}}));
  for (auto agent : {0, 1})
    report(0, agent, 0, 10, 0.1 * (1 + agent));
  REQUIRE(told.size() == 1);
  CHECK(told[0].values.size() == 20);
  CHECK(told[0].weights == std::vector{0.1});
}

TEST_CASE_FIXTURE(fixture, "unknown agents, gaps and strange members are "
                           "errors") {
  grow(1);
  auto batch = score_batch{};
  batch.subject = "eve";
  CHECK(code_of(ask<void>(members[0].tree, batch)) == ec::unknown_name);
  batch.subject = agent_name(0, 0);
  batch.first = 3;
  CHECK(code_of(ask<void>(members[0].tree, batch)) == ec::malformed_input);
  auto stranger = peer_id{};
  stranger.bytes[0] = 99;
  CHECK(
    code_of(ask<void>(members[0].tree, tree_start{stranger, members, {}, {}}))
    == ec::invalid_option);
}

TEST_SUITE_END();
