#include "actors/experiment/delay_tally.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/delay_tally");

TEST_CASE("incidents are found or not, with their median delay") {
  auto tally = delay_tally{};
  tally.add(std::vector<uint8_t>{1, 1, 0, 1, 1, 1, 0, 1},
            std::vector{.6, .0, .9, .1, .2, .8, .0, .5}, .5);
  CHECK(tally.total().incidents == 3);
  CHECK(tally.total().incidents_hit == doctest::Approx(2.0 / 3));
  CHECK(tally.total().median == 1.0);
  tally.add(std::vector<uint8_t>{0, 1, 1, 1, 1},
            std::vector{0., 0., 0., 0., 1.}, .5);
  CHECK(tally.total().incidents == 4);
  CHECK(tally.total().median == 2.0);
}

TEST_CASE("without incidents there is no delay") {
  auto tally = delay_tally{};
  tally.add(std::vector<uint8_t>{0, 0}, std::vector{1., 1.}, .5);
  CHECK(std::isnan(tally.total().incidents_hit));
  CHECK_FALSE(tally.total().median);
}

TEST_CASE("above the threshold lie as many normal rows as can be afforded, and "
          "the anomalous rows that recall counts") {
  for (const auto& made : test::all_made_scores())
    for (auto share : {0.0, 0.01, 0.1, 0.5}) {
      const auto threshold = threshold_at(made.labels, made.scores, share);
      auto above = std::array<double, 2>{};
      auto all = std::array<double, 2>{};
      for (size_t row = 0; row < made.labels.size(); ++row) {
        const auto kind = made.labels[row] != 0 ? 1u : 0u;
        all[kind] += 1.0;
        above[kind] += made.scores[row] > threshold ? 1.0 : 0.0;
      }
      CHECK(above[0] <= share * all[0]);
      CHECK(above[1] / all[1]
            == doctest::Approx(recall_at(made.labels, made.scores, share)));
    }
}

TEST_CASE("with anomalous rows only, no threshold is low enough") {
  CHECK(std::isinf(
    threshold_at(std::vector<uint8_t>{1, 1}, std::vector{1., 2.}, .01)));
}

TEST_SUITE_END();
