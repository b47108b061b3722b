#include "tests/actors/experiment/support/experiment_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// 400 rows of each entity in 2 s of virtual time.
const auto slow
  = std::string{"[experiment]\nname = \"slow\"\nrows_max = 400\nrate = 200\n"};

struct fixture : experiment_fixture {
  using experiment_fixture::experiment_fixture;

  /// What comes of it when nothing happens.
  std::string undisturbed() {
    start_job(job(slow, cluster(3), "undisturbed"));
    advance(10s);
    REQUIRE(finished);
    REQUIRE_MESSAGE(*finished, to_string(finished->error()));
    return file("scores.csv", "undisturbed");
  }

  /// The events without those of the failure, and without what follows from
  /// the speed of others.
  std::string zones(const std::string& folder) {
    auto lines = std::istringstream{file("events.csv", folder)};
    auto result = std::string{};
    for (auto line = std::string{}; std::getline(lines, line);)
      if (line.find(",zone,") != std::string::npos)
        result += line.substr(0, line.find("; ")) + "\n";
    // The node is where the agent ended up.
    for (const auto* which : {"node-1", "node-2", "node-3"})
      for (auto at = result.find(which); at != std::string::npos;
           at = result.find(which))
        result.erase(at, 6);
    return result;
  }

  void finish_disturbed() {
    advance(20s);
    REQUIRE(finished);
    REQUIRE_MESSAGE(*finished, to_string(finished->error()));
  }
};

struct impatient : fixture {
  static caf::settings options() {
    auto result = caf::settings{};
    result["restarts_max"] = int64_t{1};
    result["stall_timeout"] = caf::timespan{10s};
    return result;
  }

  impatient() : fixture{options()} {
    // nop
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/troupe_healing_orchestrator");

TEST_CASE_FIXTURE(fixture, "a detector that crashes is replaced on another "
                           "node, and no score is lost or changed") {
  const auto expected = undisturbed();
  start_job(job(slow, cluster(3)));
  advance(1s);
  CHECK_FALSE(finished);
  crash("asd-11/detector");
  finish_disturbed();
  CHECK(file("scores.csv") == expected);
  CHECK(zones("out") == zones("undisturbed"));
  CHECK((*finished)->restarts == 1);
  CHECK(file("events.csv").find("its detector was lost") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "an agent that crashes is replaced, and its work "
                           "goes on where it was") {
  const auto expected = undisturbed();
  start_job(job(slow, cluster(3)));
  advance(1s);
  crash("asd-3/agent");
  finish_disturbed();
  CHECK(file("scores.csv") == expected);
  CHECK((*finished)->restarts == 1);
  const auto& outcome = **finished;
  CHECK(outcome.delivered + outcome.rerouted + outcome.refused + outcome.dropped
        == outcome.rows);
}

TEST_CASE_FIXTURE(fixture, "a zone keeper that crashes is replaced, and zones "
                           "are the same") {
  const auto expected = undisturbed();
  start_job(job(slow, cluster(3)));
  advance(1s);
  crash("node-2/keeper");
  finish_disturbed();
  CHECK(file("scores.csv") == expected);
  CHECK(zones("out") == zones("undisturbed"));
}

TEST_CASE_FIXTURE(fixture, "a summary tree that crashes is replaced") {
  const auto expected = undisturbed();
  start_job(job(slow, cluster(3)));
  advance(1s);
  crash("node-3/tree");
  finish_disturbed();
  CHECK(file("scores.csv") == expected);
}

TEST_CASE_FIXTURE(fixture, "what ran on a node that is lost moves to others") {
  const auto expected = undisturbed();
  const auto nodes = cluster(3);
  start_job(job(slow, nodes));
  advance(1s);
  // All that it spawned goes with it, at once.
  auto lost
    = std::vector<caf::actor>{caf::actor_cast<caf::actor>(nodes[1].spawner)};
  for (const auto& each : alive("", nodes[1].spawner)) {
    auto handle
      = ask<caf::strong_actor_ptr>(nodes[1].spawner, find_spawned{each.name});
    REQUIRE(handle);
    lost.push_back(caf::actor_cast<caf::actor>(*handle));
  }
  CHECK(lost.size() == 5);
  for (const auto& each : lost)
    caf::anon_send_exit(each, caf::exit_reason::kill);
  finish_disturbed();
  CHECK(file("scores.csv") == expected);
  CHECK(zones("out") == zones("undisturbed"));
  const auto events = file("events.csv");
  CHECK(events.find("node node-2 is lost") != std::string::npos);
  CHECK(file("summary.json").find("node-2") == std::string::npos);
}

TEST_CASE_FIXTURE(impatient, "an entity that fails again and again ends the "
                             "experiment") {
  start_job(job(slow, cluster(3)));
  for (auto i = 0; i < 2; ++i) {
    CHECK_FALSE(finished);
    advance(300ms);
    crash("asd-3/detector");
  }
  advance(1s);
  REQUIRE(finished);
  REQUIRE_FALSE(*finished);
  CHECK(finished->error() == ec::limit_reached);
  CHECK(to_string(finished->error()).find("asd-3") != std::string::npos);
  for (const auto& spawner : spawners)
    CHECK(alive("", spawner).empty());
}

TEST_CASE_FIXTURE(impatient, "where no node is left the experiment ends") {
  const auto nodes = cluster(2);
  start_job(job(slow, nodes));
  advance(300ms);
  for (const auto& each : nodes)
    caf::anon_send_exit(each.spawner, caf::exit_reason::kill);
  advance(1s);
  REQUIRE(finished);
  REQUIRE_FALSE(*finished);
  CHECK(finished->error() == ec::unreachable);
}

TEST_CASE_FIXTURE(impatient, "a spawner that never answers does not hang the "
                             "experiment") {
  auto silent = sys().spawn([]() -> spawner_actor::behavior_type {
    return {
      [kept
       = std::vector<caf::typed_response_promise<caf::strong_actor_ptr>>{}](
        const spawn_request&) mutable -> caf::result<caf::strong_actor_ptr> {
        return kept.emplace_back();
      },
      [](const list_actor_types&) { return std::vector<actor_type_info>{}; },
      [](const list_spawned&) { return std::vector<spawned_actor>{}; },
      [](const find_spawned&) -> caf::result<caf::strong_actor_ptr> {
        return ec::unknown_name;
      },
      [](const stop_spawned&) -> caf::result<void> { return ec::unknown_name; },
    };
  });
  start_job(job(slow, experiment::local_nodes(silent, 1)));
  advance(1min);
  REQUIRE(finished);
  CHECK_FALSE(*finished);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

TEST_SUITE_END();
