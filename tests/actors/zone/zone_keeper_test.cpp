#include "actors/zone/zone_keeper.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <cmath>

using namespace starling;
using namespace starling::zone;

namespace {

struct fixture : test::deterministic_system {
  struct audited {
    std::string subject;
    std::map<std::string, std::string> details;
  };

  actor_catalog catalog;
  node_context node;
  caf::settings options;
  std::vector<audited> audit;
  std::vector<zone_changed> changes;
  std::vector<uint64_t> horizons;
  std::vector<caf::actor> ours;

  fixture() {
    node.system = &sys();
    node.audit = [this](std::string kind, std::string subject,
                        std::map<std::string, std::string> details) {
      CHECK(kind == "zone.change");
      audit.push_back({std::move(subject), std::move(details)});
    };
    REQUIRE_FALSE(add_zone_keeper(catalog));
    options["horizon_step"] = int64_t{4};
  }

  ~fixture() {
    for (const auto& each : ours)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  zone_keeper_actor spawn() {
    auto made = catalog.spawn("zone-keeper", node, options);
    REQUIRE_MESSAGE(made, to_string(made.error()));
    ours.push_back(caf::actor_cast<caf::actor>(*made));
    return caf::actor_cast<zone_keeper_actor>(*made);
  }

  zone_listener_actor spawn_listener() {
    auto made = sys().spawn([this]() -> zone_listener_actor::behavior_type {
      return {
        [this](const zone_changed& change) { changes.push_back(change); },
        [this](const zone_horizon& said) { horizons.push_back(said.rows); },
      };
    });
    ours.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  void watch(const zone_keeper_actor& keeper,
             const std::vector<std::string>& names) {
    auto list = watch_agents{};
    for (const auto& name : names)
      list.agents.push_back({name, {"cpu", "memory", "load"}});
    REQUIRE(ask<void>(keeper, list));
  }

  score_batch levels_of(const std::string& subject, uint64_t first,
                        std::vector<double> levels, bool last = false) {
    auto batch = score_batch{};
    batch.subject = subject;
    batch.first = first;
    batch.last = last;
    batch.scores = levels;
    batch.levels = std::move(levels);
    return batch;
  }

  template <class T>
  ec code_of(const caf::expected<T>& outcome) {
    REQUIRE_FALSE(outcome);
    return static_cast<ec>(outcome.error().code());
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/zone/zone_keeper");

TEST_CASE_FIXTURE(fixture, "a change is told and audited with its evidence") {
  auto keeper = spawn();
  watch(keeper, {"bob"});
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  auto batch = levels_of("bob", 0, {0.1, 0.99, 0.1});
  batch.evidence = {{1,
                     {{2, 0.75, 97.0, 21.5, 9.06},
                      {0, 0.2, 0.5, 1.5, -4.0},
                      {1, 0.05, NAN, 3.0, NAN}}}};
  CHECK(ask<void>(keeper, batch));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].subject == "bob");
  CHECK(changes[0].row == 1);
  CHECK(changes[0].from == trust_zone::trusted);
  CHECK(changes[0].to == trust_zone::quarantined);
  CHECK(changes[0].level == 0.99);
  const auto features
    = std::string{"load (75 %: 97, 9.1 deviations above its usual 21.5), "
                  "cpu (20 %: 0.5, 4.0 deviations below its usual 1.5), "
                  "memory (5 %, missing)"};
  CHECK(changes[0].reason.find(features) != std::string::npos);
  REQUIRE(audit.size() == 1);
  CHECK(audit[0].subject == "bob");
  CHECK(audit[0].details.at("to") == "QUARANTINED");
  CHECK(audit[0].details.at("level") == "0.9900");
  CHECK(audit[0].details.at("features") == features);
  CHECK(audit[0].details.at("strikes") == "1");
  const auto status = ask<zone_status>(keeper, query_zone{"bob"});
  REQUIRE(status);
  CHECK(status->zone == trust_zone::quarantined);
  CHECK(status->since == 1);
  CHECK(status->rows == 3);
  CHECK(status->strikes == 1);
}

TEST_CASE_FIXTURE(fixture, "the population says whether it hit many or one") {
  auto keeper = spawn();
  watch(keeper, {"ann", "bob", "cid"});
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  CHECK(ask<void>(keeper, levels_of("ann", 0, {0.99})));
  auto population = population_summary{};
  population.epoch = 3;
  population.agents = 20;
  population.median = 0.1;
  population.quantiles = {0.0, 0.05, 0.1, 0.2, 0.5, 0.97};
  CHECK(ask<void>(keeper, population));
  CHECK(ask<void>(keeper, levels_of("bob", 0, {0.99})));
  population.epoch = 4;
  population.quantiles = {0.0, 0.05, 0.1, 0.9, 0.95, 0.97};
  CHECK(ask<void>(keeper, population));
  // An older one changes nothing.
  population.epoch = 2;
  population.quantiles = {0, 0, 0, 0, 0, 0};
  CHECK(ask<void>(keeper, population));
  CHECK(ask<void>(keeper, levels_of("cid", 0, {0.99})));
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].context.empty());
  CHECK(changes[1].context
        == "individual: median level 0.100 of 20 agents, 90 % below 0.500, "
           "epoch 3");
  CHECK(changes[2].context.substr(0, 7) == "common:");
  // What the zone is follows from the agent's own rows.
  CHECK(changes[0].reason == changes[2].reason);
}

TEST_CASE_FIXTURE(fixture,
                  "what is common follows from the way in which others "
                  "are strange, where one is known") {
  auto keeper = spawn();
  watch(keeper, {"ann", "bob", "cid"});
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  auto population = population_summary{};
  population.agents = 20;
  population.median = 0.9;
  population.quantiles = {0.0, 0.05, 0.9, 0.95, 0.97, 0.99};
  // Half of the agents drop in the second of three features, and one in ten
  // rises in the third.
  population.features = 3;
  population.directions
    = {0.0F, std::sqrt(0.5F), 0.0F, 0.0F, 0.0F, std::sqrt(0.1F)};
  CHECK(ask<void>(keeper, population));
  const auto strange = [&](const char* agent, std::vector<feature_part> why) {
    auto batch = levels_of(agent, 0, {0.99});
    batch.evidence = {{0, std::move(why)}};
    CHECK(ask<void>(keeper, batch));
  };
  strange("ann", {{1, 0.8, 0.0, 9.0, -4.0}, {0, 0.2, 0.0, 1.0, 3.0}});
  strange("bob", {{2, 0.9, 0.0, 9.0, 8.0}, {1, 0.1, 0.0, 1.0, -2.0}});
  // Without evidence the levels tell.
  CHECK(ask<void>(keeper, levels_of("cid", 0, {0.99})));
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].context
        == "common: 64 % of it is what 50 % of the agents do, median level "
           "0.900 of 20 agents, 90 % below 0.970, epoch 0");
  CHECK(changes[1].context.starts_with(
    "individual: 6 % of it is what 50 % of the agents do, "));
  CHECK(changes[2].context.starts_with("common: median"));
}

TEST_CASE_FIXTURE(fixture, "an agent is compared with those of its kind") {
  auto keeper = spawn();
  auto list = watch_agents{};
  list.agents = {{"ann", {}, {}, "pump"}, {"bob", {}, {}, "valve"}};
  REQUIRE(ask<void>(keeper, list));
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  auto population = population_summary{};
  population.kind = "pump";
  population.agents = 20;
  population.quantiles = {0.0, 0.05, 0.1, 0.9, 0.95, 0.97};
  CHECK(ask<void>(keeper, population));
  population.kind = "gate";
  CHECK(ask<void>(keeper, population));
  // Who is watched again is known still.
  REQUIRE(ask<void>(keeper, list));
  CHECK(ask<void>(keeper, levels_of("ann", 0, {0.99})));
  CHECK(ask<void>(keeper, levels_of("bob", 0, {0.99})));
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].context.substr(0, 7) == "common:");
  CHECK(changes[1].context.empty());
}

TEST_CASE_FIXTURE(fixture, "listeners hear of the horizon when it has moved "
                           "enough, and of the end") {
  auto keeper = spawn();
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  CHECK(horizons.empty());
  watch(keeper, {"ann", "bob"});
  CHECK(horizons.empty());
  CHECK(ask<void>(keeper, levels_of("ann", 0, std::vector(9, 0.1))));
  CHECK(horizons.empty());
  CHECK(ask<void>(keeper, levels_of("bob", 0, std::vector(3, 0.1))));
  CHECK(horizons.empty());
  CHECK(ask<void>(keeper, levels_of("bob", 3, std::vector(3, 0.1), true)));
  CHECK(horizons == std::vector<uint64_t>{9});
  CHECK(ask<void>(keeper, levels_of("ann", 9, {0.1}, true)));
  CHECK(horizons == std::vector<uint64_t>{9, horizon_end});
  // One more to judge brings it back.
  watch(keeper, {"ann", "bob", "cid"});
  CHECK(horizons.back() == 0);
  watch(keeper, {"ann", "bob"});
  CHECK(horizons.back() == horizon_end);
}

TEST_CASE_FIXTURE(fixture, "a listener that comes late hears all that was "
                           "said") {
  auto keeper = spawn();
  watch(keeper, {"bob"});
  auto levels = std::vector<double>(40, 0.1);
  levels[5] = 0.99;
  CHECK(ask<void>(keeper, levels_of("bob", 0, levels)));
  CHECK(ask<void>(keeper, caf::subscribe_atom_v, spawn_listener()));
  CHECK(changes.size() == 3);
  CHECK(changes.back().to == trust_zone::trusted);
  CHECK(horizons == std::vector<uint64_t>{40});
}

TEST_CASE_FIXTURE(fixture, "rows that come again are neither judged nor "
                           "audited twice") {
  auto keeper = spawn();
  watch(keeper, {"bob"});
  for (auto i = 0; i < 2; ++i)
    CHECK(ask<void>(keeper, levels_of("bob", 0, {0.1, 0.99})));
  CHECK(audit.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "an operator lets an agent out") {
  auto keeper = spawn();
  watch(keeper, {"bob"});
  CHECK(ask<void>(keeper, levels_of("bob", 0, {0.99})));
  CHECK(ask<void>(keeper, release_agent{"bob"}));
  CHECK(audit.back().details.at("to") == "MONITORED");
  CHECK(audit.back().details.at("reason") == "released by an operator");
  CHECK(code_of(ask<void>(keeper, release_agent{"bob"})) == ec::wrong_state);
}

TEST_CASE_FIXTURE(fixture, "agents that are not judged here are unknown") {
  auto keeper = spawn();
  watch(keeper, {"bob"});
  CHECK(code_of(ask<void>(keeper, levels_of("eve", 0, {0.99})))
        == ec::unknown_name);
  CHECK(code_of(ask<zone_status>(keeper, query_zone{"eve"}))
        == ec::unknown_name);
  CHECK(code_of(ask<void>(keeper, release_agent{"eve"})) == ec::unknown_name);
}

TEST_CASE_FIXTURE(fixture, "wrong options spawn no keeper") {
  options["quarantine_above"] = 0.5;
  CHECK(code_of(catalog.spawn("zone-keeper", node, options))
        == ec::invalid_option);
  options["quarantine_above"] = 0.95;
  options["row_interval"] = "soon";
  CHECK(code_of(catalog.spawn("zone-keeper", node, options))
        == ec::invalid_option);
}

TEST_SUITE_END();
