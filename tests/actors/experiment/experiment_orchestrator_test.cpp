#include "actors/experiment/experiment_orchestrator.hpp"

#include "actors/experiment/dataset.hpp"
#include "actors/experiment/evaluation.hpp"
#include "actors/experiment/injected_data.hpp"
#include "actors/experiment/scores_table.hpp"
#include "tests/actors/experiment/support/experiment_fixture.hpp"
#include "tests/support/source_folder.hpp"

#include <cmath>
#include <cstdlib>

using namespace starling;
using namespace starling::experiment;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

const auto all = std::string{"[experiment]\nname = \"all\"\n"};
const auto brief = all + "rows_max = 200\n";

template <class T>
ec code_of(const caf::expected<T>& outcome) {
  REQUIRE_FALSE(outcome);
  return static_cast<ec>(outcome.error().code());
}

} // namespace

TEST_SUITE_BEGIN("actors/experiment/experiment_orchestrator");

TEST_CASE_FIXTURE(experiment_fixture,
                  "an experiment runs in one process and writes its results") {
  const auto outcome = run_job(job(all, local_nodes(add_spawner(), 5)));
  REQUIRE_MESSAGE(outcome, to_string(outcome.error()));
  CHECK(outcome->entities == 3);
  CHECK(outcome->rows == 1440 + 1440 + 1024);
  CHECK(outcome->restarts == 0);
  CHECK(outcome->report == (out / "out/report.html").string());
  REQUIRE(outcome->methods.size() == 3);
  CHECK(outcome->methods[0].name == "flock");
  CHECK(outcome->methods[1].name == "robust-z");
  // Better than either baseline, and false alarms as the calibrator promises.
  CHECK(outcome->methods[0].auc_pr > outcome->methods[1].auc_pr);
  CHECK(outcome->methods[0].auc_pr > outcome->methods[2].auc_pr);
  CHECK(outcome->methods[0].auc_roc > 0.8);
  CHECK(outcome->false_alarms < 0.01);
  CHECK(outcome->quarantines > 0);
  CHECK(outcome->recoveries > 0);
  for (const auto* name :
       {"scores.csv", "events.csv", "summary.json", "report.html"})
    CHECK(file(name).size() > 500);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "injected rows score as those of an injected folder") {
  const auto text = all + "entities = [\"js2-13\"]\n";
  const auto nodes = local_nodes(add_spawner(), 2);
  const auto direct = run_job(
    job(text + "[inject]\nkind = \"mimicry\"\nseed = 4\n", nodes, "direct"));
  REQUIRE_MESSAGE(direct, to_string(direct.error()));
  // Some rows are cut out.
  CHECK(direct->rows < 1024);
  REQUIRE(write_injected(test::source_folder() / "examples/data", out / "data",
                         {"js2-13"}, {.kind = "mimicry", .seed = 4}));
  auto second = job(text, nodes, "second");
  second.data_dir = out / "data";
  const auto outcome = run_job(second);
  REQUIRE_MESSAGE(outcome, to_string(outcome.error()));
  CHECK(file("scores.csv", "direct") == file("scores.csv", "second"));
  REQUIRE(outcome->methods.size() == direct->methods.size());
  CHECK(outcome->methods[0].auc_pr == direct->methods[0].auc_pr);
  CHECK(std::isfinite(direct->methods[0].auc_pr));
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "the figures are those of the scores that were written") {
  const auto outcome = run_job(job(all, local_nodes(add_spawner(), 2)));
  REQUIRE(outcome);
  const auto scores = read_scores(out / "out/scores.csv");
  REQUIRE(scores);
  auto sum = 0.0;
  for (const auto& entity : *scores) {
    const auto test
      = load_test(test::source_folder() / "examples/data", entity.entity);
    REQUIRE(test);
    sum += average_precision(test->labels, entity.scores);
  }
  CHECK(outcome->methods[0].auc_pr
        == doctest::Approx(sum / 3.0).epsilon(1e-12));
}

TEST_CASE_FIXTURE(
  experiment_fixture,
  "the same file gives the same bytes, on one node or on many") {
  REQUIRE(run_job(job(all, local_nodes(add_spawner(), 1), "one")));
  REQUIRE(run_job(job(all, local_nodes(add_spawner(), 1), "again")));
  REQUIRE(run_job(job(all, cluster(4), "many")));
  CHECK(file("scores.csv", "one") == file("scores.csv", "again"));
  CHECK(file("events.csv", "one") == file("events.csv", "again"));
  CHECK(file("scores.csv", "one") == file("scores.csv", "many"));
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "each work item is delivered, re-routed, refused or "
                  "dropped") {
  const auto outcome = run_job(job(all, local_nodes(add_spawner(), 3)));
  REQUIRE(outcome);
  CHECK(outcome->delivered + outcome->rerouted + outcome->refused
          + outcome->dropped
        == outcome->rows);
  CHECK(outcome->rerouted > 0);
  CHECK(outcome->refused > 0);
  // An agent's work is refused at the rows at which it was cut off: as many as
  // its own zone changes span, unless nobody was left to send to.
  const auto events = read_events(out / "out/events.csv");
  REQUIRE(events);
  auto cut_off = int64_t{0};
  auto since = int64_t{-1};
  auto rows = int64_t{0};
  for (const auto& event : *events) {
    if (event.entity != "asd-11")
      continue;
    if (event.kind == "work")
      rows = event.t;
    if (event.kind != "zone")
      continue;
    const auto out_now = event.to == "QUARANTINED" || event.to == "ISOLATED";
    if (out_now && since < 0)
      since = event.t;
    if (!out_now && since >= 0)
      cut_off += event.t - std::exchange(since, -1);
  }
  if (since >= 0)
    cut_off += rows - since;
  CHECK(cut_off > 0);
  const auto line = std::ranges::find_if(*events, [](const auto& event) {
    return event.kind == "work" && event.entity == "asd-11";
  });
  REQUIRE(line != events->end());
  CHECK(line->detail.find("refused " + std::to_string(cut_off) + ",")
        != std::string::npos);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "zone changes are audited with level, features and reason") {
  const auto outcome = run_job(job(all, local_nodes(add_spawner(), 3)));
  REQUIRE(outcome);
  auto changes = uint64_t{0};
  auto explained = 0;
  for (const auto& event : audit) {
    if (event.kind != "zone.change")
      continue;
    ++changes;
    CHECK_FALSE(event.details.at("reason").empty());
    explained += event.details.at("features").empty() ? 0 : 1;
  }
  CHECK(changes == outcome->zone_changes);
  CHECK(explained > 10);
}

TEST_CASE_FIXTURE(experiment_fixture, "progress ends with all rows") {
  auto heard = std::vector<experiment_progress>{};
  auto listener
    = sys().spawn([&heard]() -> experiment_listener_actor::behavior_type {
        return {
          [&heard](const experiment_progress& said) { heard.push_back(said); }};
      });
  CHECK(ask<void>(runner, caf::subscribe_atom_v, listener));
  REQUIRE(run_job(job(all, local_nodes(add_spawner(), 3))));
  REQUIRE(heard.size() > 10);
  CHECK(heard.front().stage == "preparing");
  CHECK(heard.front().rows_total == 0);
  CHECK(heard.back().stage == "writing");
  CHECK(heard.back().rows_done == heard.back().rows_total);
  CHECK(heard.back().rows_total == 4320 + 4320 + 1008 + 1440 + 1440 + 1024);
  CHECK(std::ranges::is_sorted(heard, std::ranges::less{},
                               &experiment_progress::rows_done));
  caf::anon_send_exit(listener, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "what is wrong with the order is said before anything runs") {
  const auto nodes = local_nodes(add_spawner(), 2);
  CHECK(code_of(run_job(job(all, {}))) == ec::invalid_option);
  CHECK(code_of(run_job(job("[experiment]\nnane = \"x\"\n", nodes)))
        == ec::invalid_option);
  CHECK(code_of(run_job(job(all + "entities = [\"eve-*\"]\n", nodes)))
        == ec::unknown_name);
  auto elsewhere = job(all, nodes);
  elsewhere.data_dir = (out / "nothing").string();
  CHECK(code_of(run_job(elsewhere)) == ec::file_error);
  elsewhere.data_dir.clear();
  CHECK(code_of(run_job(elsewhere)) == ec::invalid_option);
  auto twins = nodes;
  twins[1].id = twins[0].id;
  CHECK(code_of(run_job(job(all, twins))) == ec::invalid_option);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "an unknown detector or parameter is an error that names "
                  "those that exist") {
  const auto nodes = local_nodes(add_spawner(), 2);
  start_job(job(brief + "[detector]\nname = \"oracle\"\n", nodes));
  advance(1s);
  REQUIRE(finished);
  CHECK(code_of(*finished) == ec::unknown_name);
  CHECK(to_string(finished->error()).find("flock") != std::string::npos);
  start_job(job(brief + "[detector]\nparameters = { colour = 1.0 }\n", nodes));
  advance(1s);
  REQUIRE(finished);
  CHECK(code_of(*finished) == ec::invalid_option);
  // And the next one runs as if nothing had been.
  CHECK(run_job(job(brief, nodes)));
}

TEST_CASE_FIXTURE(experiment_fixture, "one experiment runs at a time") {
  const auto nodes = local_nodes(add_spawner(), 2);
  start_job(job(brief + "rate = 100\n", nodes));
  CHECK(code_of(run_job(job(brief, nodes, "other"))) == ec::wrong_state);
  CHECK_FALSE(finished);
  advance(5s);
  REQUIRE(finished);
  CHECK(*finished);
}

TEST_CASE_FIXTURE(experiment_fixture,
                  "an experiment works without a summary tree and with every "
                  "detector") {
  for (const auto* name : {"mahalanobis", "robust-z", "ewma-z"}) {
    const auto outcome
      = run_job(job(brief + "[detector]\nname = \"" + name
                      + "\"\n[summary_tree]\nenabled = false\n",
                    local_nodes(add_spawner(), 2)));
    REQUIRE_MESSAGE(outcome, to_string(outcome.error()));
    CHECK(outcome->methods[0].name == name);
  }
}

TEST_CASE_FIXTURE(experiment_fixture, "the whole data set runs as well") {
  const auto* data = std::getenv("STARLING_DATA");
  if (!data) {
    MESSAGE("skipped: set STARLING_DATA to a folder with detection/");
    return;
  }
  auto whole = job(all + "rows_max = 500\n", cluster(5));
  whole.data_dir = std::string{data} + "/detection";
  const auto outcome = run_job(whole);
  REQUIRE_MESSAGE(outcome, to_string(outcome.error()));
  CHECK(outcome->entities > 3);
}

TEST_SUITE_END();
