#include "actors/experiment/statistics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace starling::experiment;

namespace {

constexpr auto missing = std::numeric_limits<double>::quiet_NaN();

} // namespace

TEST_SUITE_BEGIN("experiment/statistics");

// NIST/SEMATECH e-handbook, section 1.3.6.7.2.
TEST_CASE("quantiles of Student's t are those of the tables") {
  CHECK(student_t_95(1) == doctest::Approx(12.706).epsilon(1e-4));
  CHECK(student_t_95(2) == doctest::Approx(4.303).epsilon(1e-4));
  CHECK(student_t_95(5) == doctest::Approx(2.571).epsilon(2e-4));
  CHECK(student_t_95(10) == doctest::Approx(2.228).epsilon(2e-4));
  CHECK(student_t_95(30) == doctest::Approx(2.042).epsilon(2e-4));
  CHECK(student_t_95(1'000'000) == doctest::Approx(1.95996).epsilon(1e-5));
}

// By hand: mean 3, squares 4 + 1 + 0 + 1 + 4, sd sqrt(10/4); with t(4) = 2.776
// half the width is 2.776 * 1.5811 / sqrt 5 = 1.963.
TEST_CASE("a mean comes with deviation and interval") {
  const auto values = std::vector{1.0, 2.0, missing, 3.0, 4.0, 5.0};
  const auto got = mean_of(values);
  CHECK(got.mean == 3.0);
  CHECK(got.count == 5);
  CHECK(got.deviation == doctest::Approx(std::sqrt(2.5)));
  const auto bounds = t_interval(values);
  REQUIRE(bounds);
  CHECK(bounds->high - 3.0 == doctest::Approx(1.963).epsilon(1e-3));
  CHECK(bounds->low == doctest::Approx(6.0 - bounds->high));
}

TEST_CASE("one value has no interval, none has no mean") {
  auto lots = bootstrap{1};
  CHECK(!t_interval(std::vector{1.0, missing}));
  CHECK(!lots.mean_interval(std::vector{1.0}));
  CHECK(std::isnan(mean_of({}).mean));
  CHECK(std::isnan(mean_of(std::vector{1.0}).deviation));
}

// Means of 100 draws of a fair coin: half the width is 1.96 * 0.5 / 10.
TEST_CASE("bootstrap bounds lie where the normal distribution puts them") {
  auto values = std::vector<double>(50, 0.0);
  values.resize(100, 1.0);
  auto lots = bootstrap{1};
  const auto got = lots.mean_interval(values);
  REQUIRE(got);
  CHECK(got->low == doctest::Approx(0.402).epsilon(0.05));
  CHECK(got->high == doctest::Approx(0.598).epsilon(0.05));
}

TEST_CASE("a bootstrap gives the same bounds whatever was asked before") {
  const auto values = std::vector{0.1, 0.5, 0.7, 0.2};
  auto one = bootstrap{1};
  auto two = bootstrap{1};
  CHECK(two.mean_interval(std::vector{1.0, 2.0}));
  CHECK(one.mean_interval(values)->low == two.mean_interval(values)->low);
}

// Hollander, Wolfe, Chicken, example 3.1: depression factor of nine patients;
// also scipy.stats.wilcoxon, statistic 5.
TEST_CASE("signed ranks of the textbook give its p") {
  const auto differences
    = std::vector{0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01};
  CHECK(wilcoxon_p(differences) == doctest::Approx(0.0390625).epsilon(1e-9));
}

// scipy.stats.wilcoxon(d, correction=True, mode='approx'): 0.0278018.
TEST_CASE("equal sizes are ranked together") {
  const auto differences
    = std::vector{1.0, -1.0, 2.0, 2.0, 3.0, 4.0, -2.0, 5.0, 6.0, 6.0, 0.0};
  CHECK(wilcoxon_p(differences) == doctest::Approx(0.0278018).epsilon(1e-5));
}

TEST_CASE("without differences nothing is unlikely") {
  CHECK(wilcoxon_p({}) == 1.0);
  CHECK(wilcoxon_p(std::vector{0.0, 0.0}) == 1.0);
  // Both signs as likely as can be.
  CHECK(wilcoxon_p(std::vector{1.0, -2.0, 3.0, -2.5}) == doctest::Approx(1.0));
}

TEST_CASE("pairs are won, lost or tied; those without a value don't count") {
  auto lots = bootstrap{1};
  const auto got
    = compare_pairs(std::vector{0.9, 0.5, 0.3, missing, 0.7},
                    std::vector{0.5, 0.5 + 1e-12, 0.4, 0.1, 0.6}, lots);
  CHECK(got.wins == 2);
  CHECK(got.ties == 1);
  CHECK(got.losses == 1);
  CHECK(got.mean_difference == doctest::Approx(0.1));
  REQUIRE(got.bounds);
  CHECK(got.bounds->low < 0.1);
  CHECK(got.bounds->high > 0.1);
}

TEST_SUITE_END();
