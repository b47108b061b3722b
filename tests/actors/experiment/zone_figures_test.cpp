#include "actors/experiment/zone_figures.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/zone_figures");

// Printed by the lines of evaluate.py's report() for the same formula.
TEST_CASE("zone figures agree with evaluate.py") {
  auto tally = zone_tally{.8, .95};
  for (const auto& made : test::all_made_scores())
    tally.add(made.labels, made.scores);
  const auto got = tally.total();
  CHECK(got.normal_monitored == doctest::Approx(0.22373806275579808));
  CHECK(got.normal_quarantined == doctest::Approx(0.061391541609822645));
  CHECK(got.incidents_hit == doctest::Approx(0.6666666666666666));
  CHECK(got.incidents == 9);
  REQUIRE(got.delay_median);
  CHECK(*got.delay_median == 1.0);
}

TEST_CASE("a level at a threshold does not exceed it") {
  auto tally = zone_tally{.8, .95};
  tally.add(std::vector<uint8_t>{0, 0, 1}, std::vector{.8, .95, .95});
  CHECK(tally.total().normal_monitored == 0.5);
  CHECK(tally.total().normal_quarantined == 0.0);
  CHECK(tally.total().incidents_hit == 0.0);
  CHECK(!tally.total().delay_median);
}

TEST_CASE("the median of two delays lies between them") {
  auto tally = zone_tally{.8, .95};
  tally.add(std::vector<uint8_t>{1, 0, 1, 1, 1, 1},
            std::vector{1., 0., 0., 0., 0., 1.});
  CHECK(*tally.total().delay_median == 1.5);
}

TEST_CASE("nothing to divide by gives NaN") {
  const auto got = zone_tally{.8, .95}.total();
  CHECK(std::isnan(got.normal_monitored));
  CHECK(std::isnan(got.incidents_hit));
  CHECK(got.incidents == 0);
}

TEST_SUITE_END();
