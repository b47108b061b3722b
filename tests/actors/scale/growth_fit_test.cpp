#include "actors/scale/growth_fit.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace starling;
using namespace starling::scale;

TEST_SUITE_BEGIN("actors/scale/growth_fit");

TEST_CASE("a power is found again, with an interval of no width") {
  auto points = std::vector<cost_point>{};
  for (auto n : {10.0, 100.0, 1'000.0, 10'000.0})
    points.push_back({n, 3.0 * std::pow(n, 1.7)});
  const auto found = fit_growth(points);
  REQUIRE(found);
  CHECK(found->exponent == doctest::Approx(1.7));
  CHECK(found->factor == doctest::Approx(3.0));
  CHECK(found->exponent_most - found->exponent_least < 1e-6);
}

// Worked by hand: log10 costs 0, 1, 3 over log10 sizes 0, 1, 2 have slope 1.5,
// residuals 1/6, -1/3, 1/6, so a sum of squares of 1/6; the slope's error is
// sqrt(1/6 / 1 / 2), times t(1) = 12.706.
TEST_CASE("the interval is that of the textbook") {
  const auto points
    = std::vector<cost_point>{{1.0, 1.0}, {10.0, 10.0}, {100.0, 1'000.0}};
  const auto found = fit_growth(points);
  REQUIRE(found);
  CHECK(found->exponent == doctest::Approx(1.5));
  const auto half = 12.706 * std::sqrt(1.0 / 12.0);
  CHECK(found->exponent_most == doctest::Approx(1.5 + half));
  CHECK(found->exponent_least == doctest::Approx(1.5 - half));
}

TEST_CASE("two sizes have an exponent and no interval") {
  const auto points = std::vector<cost_point>{{10.0, 5.0}, {100.0, 500.0}};
  const auto found = fit_growth(points);
  REQUIRE(found);
  CHECK(found->exponent == doctest::Approx(2.0));
  CHECK(std::isnan(found->exponent_most));
}

TEST_CASE("what has no growth is refused") {
  const auto one = std::vector<cost_point>{{10.0, 5.0}};
  CHECK(fit_growth(one).error().code == ec::invalid_option);
  const auto same = std::vector<cost_point>{{10.0, 5.0}, {10.0, 6.0}};
  CHECK(fit_growth(same).error().code == ec::invalid_option);
  const auto free = std::vector<cost_point>{{10.0, 0.0}, {100.0, 6.0}};
  CHECK(fit_growth(free).error().code == ec::invalid_option);
}

TEST_SUITE_END();
