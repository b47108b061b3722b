#include "actors/tree/summary_tree.hpp"

#include "actors/tree/committee_place.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

using namespace starling;
using namespace starling::tree;
using namespace std::chrono_literals;

namespace {

/// Several nodes in one system, two agents on each.
struct fixture : test::deterministic_system {
  actor_catalog catalog;
  node_context node;
  std::vector<tree_member> members;
  std::map<uint64_t, std::vector<population_summary>> heard;
  population_listener_actor listener;
  std::vector<caf::actor> ours;

  fixture() {
    node.system = &sys();
    REQUIRE_FALSE(add_summary_tree(catalog));
    listener
      = sys().spawn([this]() -> population_listener_actor::behavior_type {
          return {[this](const population_summary& said) {
            heard[said.epoch].push_back(said);
          }};
        });
    ours.push_back(caf::actor_cast<caf::actor>(listener));
  }

  ~fixture() {
    for (const auto& each : ours)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  int64_t committee = 48;

  summary_tree_actor spawn() {
    auto options = caf::settings{};
    options["committee"] = committee;
    options["fanout"] = int64_t{2};
    options["epoch_rows"] = int64_t{10};
    options["epoch_timeout"] = caf::timespan{1s};
    auto made = catalog.spawn("summary-tree", node, options);
    REQUIRE_MESSAGE(made, to_string(made.error()));
    ours.push_back(caf::actor_cast<caf::actor>(*made));
    return caf::actor_cast<summary_tree_actor>(*made);
  }

  static std::string agent_name(size_t member, int agent) {
    return std::to_string(member) + "/" + std::to_string(agent);
  }

  /// A member that tells everybody all that it may, of epoch 0: at the start as
  /// a fellow and as one below, and when it is asked as one above. What does
  /// not fit its place is refused.
  summary_tree_actor spawn_liar(peer_id id) {
    auto liar = sys().spawn([this, id](summary_tree_actor::pointer self)
                              -> summary_tree_actor::behavior_type {
      self->set_error_handler([](caf::error&) {});
      return {
        [self, id](const tree_start& msg) {
          for (const auto& member : msg.members)
            for (auto weight : {56.0, 24.0, 8.0, 2.0})
              self->send(
                member.tree,
                summary_up{0,
                           "",
                           id,
                           {1.0},
                           {weight},
                           2,
                           {0.0F, static_cast<float>(std::sqrt(weight))}});
        },
        [](const score_batch&) {},
        [](const summary_up&) {},
        [](const population_summary&) {},
        [this, self](const query_tree&) {
          auto down = population_summary{};
          down.agents = 1.0;
          down.median = 1.0;
          down.quantiles.assign(std::size(population_ranks), 1.0);
          down.features = 2;
          down.directions = {0.0F, 1.0F};
          for (const auto& member : members)
            self->send(member.tree, down);
          return tree_status{};
        },
        [](caf::subscribe_atom, const population_listener_actor&) {},
      };
    });
    ours.push_back(caf::actor_cast<caf::actor>(liar));
    return liar;
  }

  void grow(uint8_t size, const std::set<uint8_t>& liars = {}) {
    for (uint8_t i = 0; i < size; ++i) {
      auto id = peer_id{};
      id.bytes[0] = i;
      members.push_back(
        {id, liars.contains(i) ? spawn_liar(id) : spawn(), {{"", 2}}});
    }
    // Liars last, or nobody would know them yet.
    for (auto late : {false, true})
      for (size_t i = 0; i < members.size(); ++i)
        if (liars.contains(static_cast<uint8_t>(i)) == late)
          REQUIRE(ask<void>(
            members[i].tree,
            tree_start{members[i].id,
                       members,
                       {{agent_name(i, 0), ""}, {agent_name(i, 1), ""}},
                       {}}));
    CHECK(ask<void>(members[0].tree, caf::subscribe_atom_v, listener));
  }

  /// The committees of four that this many members form in epoch 0.
  committee_place plan_of(uint8_t size) {
    committee = 4;
    auto ids = std::vector<peer_id>(size);
    for (uint8_t i = 0; i < size; ++i)
      ids[i].bytes[0] = i;
    return *committee_place::make(ids, 0, {.fan_out = 2, .width = 4});
  }

  /// All honest agents are at 0.2 in epoch 0.
  void play(uint8_t size, const std::set<uint8_t>& liars) {
    grow(size, liars);
    for (uint8_t i = 0; i < size; ++i)
      if (!liars.contains(i))
        for (auto agent : {0, 1})
          report(i, agent, 0, 10, 0.2);
    for (auto liar : liars)
      static_cast<void>(status(liar));
    advance(10s);
  }

  void report(size_t member, int agent, uint64_t first, size_t rows,
              double level, bool last = false,
              std::vector<row_evidence> evidence = {}) {
    auto batch = score_batch{};
    batch.evidence = std::move(evidence);
    batch.subject = agent_name(member, agent);
    batch.first = first;
    batch.levels.assign(rows, level);
    batch.last = last;
    const auto done = ask<void>(members[member].tree, batch);
    REQUIRE_MESSAGE(done, to_string(done.error()));
  }

  /// What makes a row strange: one feature, so many deviations off.
  static row_evidence off(uint64_t row, uint32_t feature, double deviations) {
    return {row, {{feature, 1.0, 0.0, 0.0, deviations}}};
  }

  /// The share of agents that move along a feature, as a node knows it.
  double share_along(size_t member, size_t feature) {
    const auto known = status(member).population;
    auto sum = 0.0F;
    for (auto i = feature; i < known.directions.size(); i += known.features)
      sum += known.directions[i] * known.directions[i];
    return static_cast<double>(sum);
  }

  tree_status status(size_t member) {
    return *ask<tree_status>(members[member].tree, query_tree{});
  }

  template <class T>
  ec code_of(const caf::expected<T>& outcome) {
    REQUIRE_FALSE(outcome);
    return static_cast<ec>(outcome.error().code());
  }
};

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
    REQUIRE(ask<void>(members[i].tree, tree_start{members[i].id,
                                                  members,
                                                  {{agent_name(i, 0), ""},
                                                   {agent_name(i, 1), ""}},
                                                  {}}));
  for (size_t i = 0; i < 2; ++i)
    for (auto agent : {0, 1})
      report(i, agent, 0, 10, 0.1);
  advance(3s);
  CHECK(status(0).epochs_closed == 1);
  CHECK(status(0).population.agents == doctest::Approx(4.0));
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
    REQUIRE(ask<void>(members[i].tree, tree_start{members[i].id,
                                                  members,
                                                  {{agent_name(i, 0), ""},
                                                   {agent_name(i, 1), ""}},
                                                  {}}));
  for (size_t i = 0; i < 4; ++i)
    for (auto agent : {0, 1})
      report(i, agent, i == 3 ? 0 : 10, i == 3 ? 20 : 10, 0.1);
  CHECK(heard[0][0].agents == doctest::Approx(6.0));
  REQUIRE(heard.contains(1));
  CHECK(heard[1].back().agents == doctest::Approx(8.0));
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
