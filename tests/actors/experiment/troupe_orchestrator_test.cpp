#include "actors/experiment/troupe_orchestrator.hpp"

#include "tests/actors/experiment/support/experiment_fixture.hpp"

#include <set>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Slow enough to look at it.
const auto slow
  = std::string{"[experiment]\nname = \"slow\"\nrows_max = 200\nrate = 100\n"};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/troupe_orchestrator");

TEST_CASE_FIXTURE(experiment_fixture,
                  "agents and detectors are spread, and the watcher is not on "
                  "the node of the watched") {
  const auto nodes = cluster(3);
  start_job(job(slow, nodes));
  advance(500ms);
  auto where = std::map<std::string, size_t>{};
  for (size_t i = 0; i < 3; ++i) {
    CHECK(alive("/keeper.", nodes[i].spawner).size() == 1);
    CHECK(alive("/tree.", nodes[i].spawner).size() == 1);
    CHECK(alive("/agent.", nodes[i].spawner).size() == 1);
    CHECK(alive("/detector.", nodes[i].spawner).size() == 1);
    for (const auto* part :
         {"asd-11/agent", "asd-11/detector", "js2-13/agent", "js2-13/detector"})
      if (!alive(part, nodes[i].spawner).empty())
        where[part] = i;
  }
  CHECK(where.size() == 4);
  CHECK(where["asd-11/agent"] != where["asd-11/detector"]);
  CHECK(where["js2-13/agent"] != where["js2-13/detector"]);
  advance(10s);
  REQUIRE(finished);
  CHECK(*finished);
}

TEST_CASE_FIXTURE(experiment_fixture, "nothing is left when all is done") {
  const auto nodes = cluster(3);
  REQUIRE(run_job(job("[experiment]\nname = \"x\"\nrows_max = 100\n", nodes)));
  for (const auto& each : nodes)
    CHECK(alive("", each.spawner).empty());
}

TEST_CASE_FIXTURE(experiment_fixture, "all ends with the orchestrator") {
  const auto nodes = cluster(2);
  start_job(job(slow, nodes));
  advance(500ms);
  CHECK(alive("", nodes[0].spawner).size() > 3);
  caf::anon_send_exit(runner, caf::exit_reason::kill);
  run();
  for (const auto& each : nodes)
    CHECK(alive("", each.spawner).empty());
  REQUIRE(finished);
  CHECK_FALSE(*finished);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "a spawner that refuses ends the experiment with its "
                  "reason") {
  auto other = actor_catalog{};
  using impl = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
  auto opts = spawner::catalog_spawner_options{};
  opts.node = &node;
  opts.catalog = &other;
  auto nodes = experiment::local_nodes(
    spawners.emplace_back(sys().spawn<impl>(std::move(opts))), 1);
  start_job(job(slow, nodes));
  advance(1s);
  REQUIRE(finished);
  REQUIRE_FALSE(*finished);
  CHECK(finished->error() == ec::unknown_name);
}

TEST_SUITE_END();
