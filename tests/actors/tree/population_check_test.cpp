#include "actors/tree/population_check.hpp"

#include <doctest/doctest.h>

using namespace starling::tree;

namespace {

constexpr double ranks[] = {0.25, 0.5, 0.75};

quantile_summary hundred() {
  auto summary = *quantile_summary::make({});
  for (auto i = 1; i <= 100; ++i)
    summary.add(i);
  return summary;
}

/// The same, with so many of them moving along the first feature.
population_sketch moving(int agents, size_t feature = 0) {
  auto result = population_sketch{hundred(), *direction_sketch::make({})};
  auto direction = std::vector<float>(3);
  direction[feature] = 1.0F;
  for (auto i = 0; i < agents; ++i)
    result.directions.add(direction);
  return result;
}

/// The share of agents along a feature.
double along(const population_figures& figures, size_t feature) {
  auto sum = 0.0F;
  const auto& rows = figures.directions.rows;
  for (auto i = feature; i < rows.size(); i += figures.directions.features)
    sum += rows[i] * rows[i];
  return static_cast<double>(sum);
}

} // namespace

TEST_SUITE_BEGIN("actors/tree/population_check");

TEST_CASE("figures are those of the summary") {
  const auto figures = figures_of(hundred(), ranks);
  CHECK(figures.agents == doctest::Approx(100.0));
  CHECK(figures.median == 50.0);
  CHECK(figures.middle_mean == doctest::Approx(50.5));
  // Half of the values lie within 25 of the middle: 25 / 0.6745.
  CHECK(figures.deviation == doctest::Approx(37.07).epsilon(0.01));
  CHECK(figures.quantiles == std::vector{25.0, 50.0, 75.0});
}

TEST_CASE("each figure is the middle of what is said") {
  auto one = figures_of(hundred(), ranks);
  auto two = one;
  auto three = one;
  two.median = 1e9;
  two.quantiles = {1e9, 1e9, 1e9};
  three.median = 51.0;
  three.deviation = 0.0;
  const auto middle = median_figures(std::vector{one, two, three});
  CHECK(middle.median == 51.0);
  CHECK(middle.deviation == one.deviation);
  CHECK(middle.quantiles == one.quantiles);
}

// One standard error of the rank of a median over 100 is 0.05.
TEST_CASE("what comes down is believed as far as first-hand words allow") {
  auto lie = figures_of(hundred(), ranks);
  lie.median = 1e9;
  lie.middle_mean = -1e9;
  lie.deviation = 1e9;
  lie.quantiles = {-1e9, 50.0, 1e9};
  const auto believed = checked(lie, moving(0), 100, 2.0, ranks);
  CHECK(believed.median == doctest::Approx(60.0).epsilon(0.02));
  CHECK(believed.middle_mean == doctest::Approx(40.0).epsilon(0.03));
  CHECK(believed.deviation == doctest::Approx(37.07 * 1.234).epsilon(0.01));
  // Two standard errors at a quarter: 0.087.
  CHECK(believed.quantiles[0] == doctest::Approx(17.0).epsilon(0.03));
  CHECK(believed.quantiles[1] == 50.0);
  CHECK(believed.quantiles[2] == doctest::Approx(84.0).epsilon(0.03));
}

TEST_CASE("who has heard nobody believes what it is told") {
  auto said = figures_of(hundred(), ranks);
  said.median = 7.0;
  const auto nobody = population_sketch{*quantile_summary::make({}),
                                        *direction_sketch::make({})};
  CHECK(checked(said, nobody, 3, 1.0, ranks).median == 7.0);
}

TEST_CASE("directions come with the share of agents that move along them") {
  const auto figures = figures_of(moving(40), ranks);
  CHECK(figures.median == 50.0);
  CHECK(along(figures, 0) == doctest::Approx(0.4));
  CHECK(median_figures(std::vector{figures, figures_of(moving(90, 1), ranks),
                                   figures_of(moving(41), ranks)})
          .directions
        == figures.directions);
}

// One standard error of a share of .4 over 100 is .049, of 0 it is taken for
// that of one in a hundred: .00995.
TEST_CASE("a share is believed as far as the node's own committee bears it "
          "out") {
  const auto believed = [](const population_sketch& said) {
    return checked(figures_of(said, ranks), moving(40), 100, 2.0, ranks);
  };
  CHECK(along(believed(moving(45)), 0) == doctest::Approx(0.45));
  CHECK(along(believed(moving(100)), 0)
        == doctest::Approx(0.498).epsilon(1e-3));
  CHECK(along(believed(moving(1)), 0) == doctest::Approx(0.302).epsilon(1e-3));
  CHECK(along(believed(moving(33, 1)), 1)
        == doctest::Approx(0.0199).epsilon(1e-3));
  CHECK(believed(moving(0)).directions.rows.empty());
}

TEST_SUITE_END();
