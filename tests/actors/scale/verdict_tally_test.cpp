#include "actors/scale/verdict_tally.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling::scale;

TEST_SUITE_BEGIN("actors/scale/verdict_tally");

TEST_CASE("recall, precision and accuracy follow from four counts") {
  auto tally = verdict_tally{};
  for (auto i = 0; i < 10; ++i)
    tally.note(true, i < 9);
  for (auto i = 0; i < 90; ++i)
    tally.note(false, i < 3);
  CHECK(tally.recall() == doctest::Approx(0.9));
  CHECK(tally.precision() == doctest::Approx(0.75));
  CHECK(tally.accuracy() == doctest::Approx(0.96));
}

TEST_CASE("what was not there has no share") {
  const auto tally = verdict_tally{};
  CHECK(std::isnan(tally.recall()));
  CHECK(std::isnan(tally.precision()));
  CHECK(std::isnan(tally.accuracy()));
}

TEST_SUITE_END();
