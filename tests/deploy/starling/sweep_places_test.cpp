#include "deploy/starling/sweep_places.hpp"

#include "actors/experiment/comparison_files.hpp"
#include "actors/experiment/comparison_report.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace starling::cli;

namespace {

const auto brief = R"([experiment]
name = "brief"
rows_max = 300
baselines = ["mahalanobis", "half-space-trees", "loda"]
[inject]
share = 0.1
[poison]
share = 0.1
kind = "scrambled"
[sweep]
repeats = 2
[sweep.axes]
"inject.kind" = ["level-shift", "impersonation"]
"summary_tree.enabled" = [true, false]
)";

/// All tables of a sweep that really runs, so many at a time.
std::string swept(const sweep_place& place, size_t jobs) {
  const auto out = test::scratch_folder{};
  const auto plan = experiment::parse_sweep(brief, "brief.toml");
  REQUIRE_MESSAGE(plan, plan.error().text);
  auto asked = sweep_request{};
  asked.file = "/brief.toml";
  asked.data = test::source_folder() / "examples/data";
  asked.out = out.path();
  asked.jobs = jobs;
  const auto got = run_sweep(*plan, asked, place.run, [](size_t, size_t) {});
  REQUIRE_MESSAGE(got, got.error().text);
  for (const auto& failed : got->failed)
    FAIL(failed.reason.text);
  CHECK(got->table.runs.size() == 8);
  const auto found = experiment::compare(got->table);
  REQUIRE(found);
  return experiment::runs_csv(got->table) + experiment::entities_csv(got->table)
         + experiment::cells_csv(*found) + experiment::pairs_csv(*found)
         + experiment::comparison_json(got->table, *found);
}

} // namespace

TEST_SUITE_BEGIN("deploy/starling/sweep_places");

TEST_CASE("the same seeds give the same bytes, one run or three at a time") {
  const auto place = place_here({});
  REQUIRE(place);
  CHECK(place->jobs >= 1);
  CHECK(swept(*place, 1) == swept(*place, 3));
}

TEST_SUITE_END();
