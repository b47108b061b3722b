#include "actors/scale/behaviour_model.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

using namespace starling::scale;

namespace {

std::vector<std::vector<double>> rows_of(const population_plan& plan,
                                         size_t index, size_t count) {
  auto model = behaviour_model{plan, index};
  auto result = std::vector<std::vector<double>>{};
  for (size_t i = 0; i < count; ++i) {
    result.emplace_back(plan.features);
    model.next(result.back());
  }
  return result;
}

double correlation(const std::vector<std::vector<double>>& rows, size_t first,
                   size_t i, size_t j) {
  // Of the changes, so that the season does not count.
  auto xy = 0.0;
  auto xx = 0.0;
  auto yy = 0.0;
  for (auto t = first + 1; t < rows.size(); ++t) {
    const auto x = rows[t][i] - rows[t - 1][i];
    const auto y = rows[t][j] - rows[t - 1][j];
    xy += x * y;
    xx += x * x;
    yy += y * y;
  }
  return xy / std::sqrt(xx * yy);
}

/// The first agent that does it.
size_t first_that(const population_plan& plan, misconduct what) {
  for (size_t i = 0; i < plan.agents; ++i)
    if (misconduct_of(plan, i) == what)
      return i;
  return plan.agents;
}

} // namespace

TEST_SUITE_BEGIN("actors/scale/behaviour_model");

TEST_CASE("an agent behaves the same each time, and no two alike") {
  const auto plan = population_plan{.agents = 10};
  CHECK(rows_of(plan, 3, 50) == rows_of(plan, 3, 50));
  CHECK(rows_of(plan, 3, 50) != rows_of(plan, 4, 50));
  auto other = plan;
  other.seed = 2;
  CHECK(rows_of(plan, 3, 50) != rows_of(other, 3, 50));
}

TEST_CASE("exactly the share that was asked for misbehaves, one at least") {
  auto plan = population_plan{.agents = 200, .share = 0.05};
  auto kinds = std::multiset<std::string>{};
  for (size_t i = 0; i < plan.agents; ++i)
    kinds.insert(name_of(misconduct_of(plan, i)));
  CHECK(kinds.count("none") == 190);
  CHECK(kinds.count("shift") == 3);
  CHECK(kinds.count("shake") == 3);
  CHECK(kinds.count("stick") == 2);
  CHECK(kinds.count("decouple") == 2);
  plan.agents = 7;
  CHECK(misbehaving(plan) == 1);
  CHECK(misconduct_of(plan, 6) == misconduct::shift);
}

TEST_CASE("features go together until an agent decouples them") {
  const auto plan = population_plan{
    .agents = 40, .training_rows = 3'000, .onset = 0, .share = 0.1};
  const auto index = first_that(plan, misconduct::decouple);
  REQUIRE(index < plan.agents);
  auto rows = rows_of(plan, index, 6'000);
  CHECK(correlation(rows, 3'000, 0, 1) < -0.3);
  rows.resize(3'000);
  // The share that shocks have in common.
  CHECK(correlation(rows, 0, 0, 1) == doctest::Approx(0.6).epsilon(0.15));
}

TEST_CASE("a stuck agent repeats itself from its row on, and not before") {
  const auto plan = population_plan{
    .agents = 40, .training_rows = 100, .onset = 20, .share = 0.1};
  const auto rows = rows_of(plan, first_that(plan, misconduct::stick), 200);
  CHECK(rows[118] != rows[119]);
  CHECK(rows[120] == rows[121]);
  CHECK(rows[120] == rows[199]);
}

TEST_CASE("a shift moves three features by six deviations") {
  const auto honest = population_plan{
    .agents = 40, .training_rows = 100, .onset = 1'000'000, .share = 0.1};
  auto shifted = honest;
  shifted.onset = 0;
  const auto index = first_that(honest, misconduct::shift);
  const auto before = rows_of(honest, index, 101);
  const auto after = rows_of(shifted, index, 101);
  CHECK(after[99] == before[99]);
  CHECK(after[100][1] - before[100][1] == doctest::Approx(60.0));
  CHECK(after[100][3] == before[100][3]);
}

TEST_SUITE_END();
