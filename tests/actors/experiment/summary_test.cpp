#include "actors/experiment/summary.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace starling;
using namespace starling::experiment;
using test::make_result;

namespace {

void check_near(double ours, double theirs) {
  CHECK(std::abs(ours - theirs) < 1e-12);
}

failure refusal_of(const experiment_result& input) {
  const auto got = summarise(input);
  REQUIRE(!got);
  return got.error();
}

} // namespace

TEST_SUITE_BEGIN("experiment/summary");

// The figures of evaluate.py for the single entities (see evaluation_test.cpp)
// and for all labels and scores put together; means by hand.
TEST_CASE("means are taken over entities, pooled figures over rows") {
  const auto got = summarise(make_result());
  REQUIRE(got);
  REQUIRE(got->methods.size() == 2);
  const auto& raw = got->methods[0].raw;
  REQUIRE(raw.families.size() == 3);
  check_near(raw.families.at("aa").auc_pr,
             (0.15040560106824552 + 0.23485017766494576) / 2);
  check_near(raw.families.at("bb").vus_pr, 0.46318581067125525);
  check_near(raw.overall().auc_roc,
             (0.7614933968821368 + 0.6702127659574468 + 0.7225017972681524)
               / 3);
  check_near(raw.pooled_auc_pr, 0.18845024923075687);
  const auto& smooth = got->methods[0].smooth;
  check_near(smooth.pooled_auc_pr, 0.30700586948521147);
  check_near(smooth.overall().best_f1,
             (0.5172413793103449 + 0.7027027027027027 + 0.3448275862068966)
               / 3);
  check_near(got->levels.overall().auc_pr, raw.overall().auc_pr);
}

TEST_CASE("baselines are measured like the detector") {
  const auto got = summarise(make_result());
  REQUIRE(got);
  const auto& reverse = got->methods[1];
  CHECK(reverse.name == "reverse");
  CHECK(reverse.micros_per_vector == 0.5);
  // Turning all ranks around turns the area around.
  check_near(reverse.raw.entities[0].auc_roc, 1 - 0.7614933968821368);
}

TEST_CASE("zones are counted over all rows and incidents") {
  const auto got = summarise(make_result());
  REQUIRE(got);
  check_near(got->zones.at("all").normal_monitored, 0.22373806275579808);
  CHECK(got->zones.at("all").incidents == 9);
  CHECK(got->zones.at("bb").incidents == 3);
  REQUIRE(got->incidents.size() == 9);
  CHECK(got->incidents[0].entity == "aa-1");
  CHECK(got->incidents[0].rows.begin == 50);
}

// The changes of aa-1 in make_result(), by hand.
TEST_CASE("quarantines and recoveries are counted, false ones apart") {
  const auto got = summarise(make_result());
  REQUIRE(got);
  CHECK(got->counts.changes == 6);
  CHECK(got->counts.quarantines == 2);
  CHECK(got->counts.quarantines_in_incidents == 1);
  CHECK(got->counts.isolations == 1);
  CHECK(got->counts.recoveries == 2);
  CHECK(got->entities[1].counts.changes == 0);
}

TEST_CASE("costs weigh entities by their rows") {
  auto input = make_result();
  input.entities[0].cost = {1.0, 300, 10};
  input.entities[1].cost = {5.0, 100, 20};
  input.entities[2].cost = {2.0, 100, 30};
  const auto got = summarise(input);
  REQUIRE(got);
  check_near(got->cost.micros_per_vector, (300.0 + 500.0 + 200.0) / 500.0);
  CHECK(got->cost.rows == 500);
  CHECK(got->cost.bytes == 60);
  REQUIRE(got->nodes.size() == 2);
  CHECK(got->nodes[0].name == "node-1");
  CHECK(got->nodes[1].entities == 2);
  check_near(got->nodes[1].cost.micros_per_vector, (300.0 + 200.0) / 400.0);
}

TEST_CASE("an experiment without anomalies has no ranking figures") {
  auto input = make_result();
  for (auto& entity : input.entities)
    std::ranges::fill(entity.labels, uint8_t{0});
  const auto got = summarise(input);
  REQUIRE(got);
  CHECK(std::isnan(got->methods[0].raw.overall().auc_pr));
  CHECK(!got->zones.at("all").delay_median);
}

TEST_CASE("what can't be measured is refused by name") {
  auto input = make_result();
  input.entities[1].levels[5] = 1.5;
  CHECK(refusal_of(input).text == "aa-2: a level lies outside [0, 1]");
  input = make_result();
  input.entities[1].scores.pop_back();
  CHECK(refusal_of(input).text.starts_with("aa-2, scores: 299 scores for 300"));
  input = make_result();
  input.entities[2].baseline_scores[0][1]
    = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal_of(input).text
        == "bb-1, baseline reverse: the score of row 1 is not finite");
  input.entities[2].baseline_scores.clear();
  CHECK(refusal_of(input).text == "bb-1: scores of 0 baselines for 1 names");
}

TEST_CASE("entities need names that tell them apart") {
  auto input = make_result();
  input.entities[1].name = "aa-1";
  CHECK(refusal_of(input).code == ec::invalid_option);
  input.entities[1].name = "all-1";
  CHECK(refusal_of(input).code == ec::invalid_option);
  input.entities.clear();
  CHECK(refusal_of(input).code == ec::invalid_option);
}

TEST_CASE("zone changes must follow the rows") {
  auto input = make_result();
  input.entities[0].zone_changes[1].t = 20;
  CHECK(refusal_of(input).text
        == "aa-1: a zone change at row 20 after row 51, of 400 rows");
  input.entities[0].zone_changes[0].to = "GONE";
  CHECK(refusal_of(input).text
        == "aa-1: unknown zone in the change from TRUSTED to GONE");
}

// 2024-02-29 is there: 2024 is a leap year.
TEST_CASE("times are written in UTC") {
  CHECK(utc_text(make_result().started) == "2024-02-29T13:01:01Z");
  CHECK(utc_text({}) == "1970-01-01T00:00:00Z");
}

TEST_SUITE_END();
