#include "actors/experiment/experiment_orchestrator.hpp"

#include "tests/actors/experiment/support/experiment_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

const auto all = std::string{"[experiment]\nname = \"all\"\n"};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/experiment_orchestrator");

TEST_CASE_FIXTURE(experiment_fixture,
                  "an experiment runs in one process and writes its results") {
  const auto nodes = experiment::local_nodes(add_spawner(), 5);
  const auto outcome = run_job(job(all, nodes));
  REQUIRE_MESSAGE(outcome, to_string(outcome.error()));
  CHECK(outcome->entities == 3);
  CHECK(outcome->rows == 1440 + 1440 + 1024);
  for (const auto& method : outcome->methods)
    MESSAGE(method.name << " " << method.auc_roc << " " << method.auc_pr << " "
                        << method.best_f1 << " " << method.auc_pr_smooth);
  MESSAGE(caf::deep_to_string(*outcome));
  MESSAGE(file("events.csv"));
}

TEST_SUITE_END();
