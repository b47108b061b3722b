#include "actors/detector/row_judge.hpp"

#include "actors/scale/behaviour_model.hpp"
#include "actors/zone/zone_policy.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace starling;
using namespace starling::detector;

namespace {

struct fixture {
  std::mt19937 random{7};
  std::normal_distribution<double> noise;

  std::vector<double> next() {
    return {noise(random), noise(random), noise(random)};
  }

  row_judge trained(size_t rows = 1000) {
    auto made = row_judge::make("mahalanobis", {.features = 3}, {});
    REQUIRE(made);
    for (size_t i = 0; i < rows; ++i)
      made->learn(next());
    made->settle();
    return std::move(*made);
  }
};

} // namespace

TEST_SUITE_BEGIN("detector/row_judge");

TEST_CASE_FIXTURE(fixture,
                  "a strange row has a high level, ordinary ones don't") {
  auto judge = trained();
  auto ordinary = 0.0;
  for (auto i = 0; i < 100; ++i)
    ordinary += judge.judge(next()).level;
  CHECK(ordinary < 40.0);
  const auto strange = judge.judge(std::vector{9.0, -9.0, 9.0});
  CHECK(strange.level > 0.95);
  CHECK(strange.score > 3.0);
  CHECK(judge.expert().explain().size() == 3);
}

// A standard deviation in 1,000 rows, for ten of them.
TEST_CASE_FIXTURE(fixture, "a slow drift raises no alarms of its own") {
  auto made = row_judge::make("flock", {.features = 3}, {});
  REQUIRE(made);
  for (auto i = 0; i < 3000; ++i)
    made->learn(next());
  made->settle();
  auto alarms = 0;
  for (auto i = 0; i < 10'000; ++i) {
    auto row = next();
    row[1] += i / 1000.0;
    alarms += made->judge(row).level > 0.95 ? 1 : 0;
  }
  // .32 % are promised.
  CHECK(alarms < 50);
}

TEST_CASE("alarms stay as rare as promised for thousands of rows") {
  constexpr size_t agents = 8;
  constexpr size_t training_rows = 512;
  constexpr size_t rows = 6'000;
  const auto population = scale::population_plan{
    .agents = agents, .training_rows = training_rows, .share = 0.0};
  const auto calibration = calibrator::options{};
  auto alarms = 0.0;
  // Whoever misbehaves is none of these: one does at the least.
  for (size_t i = 0; i + 1 < agents; ++i) {
    auto model = scale::behaviour_model{population, i};
    auto row = std::vector<double>(population.features);
    auto made = row_judge::make("flock", {.features = population.features}, {});
    REQUIRE(made);
    for (size_t k = 0; k < training_rows; ++k) {
      model.next(row);
      made->learn(row);
    }
    made->settle();
    for (size_t k = 0; k < rows; ++k) {
      model.next(row);
      alarms += made->judge(row).level > calibration.alarm_above ? 1.0 : 0.0;
    }
  }
  const auto promised
    = 1.0 - std::pow(calibration.alarm_above, 1.0 / calibration.horizon_rows);
  CHECK(alarms / ((agents - 1) * rows) < 1.2 * promised);
  CHECK(alarms / ((agents - 1) * rows) > 0.4 * promised);
}

TEST_CASE_FIXTURE(fixture, "whoever shows nothing is watched, not cut off") {
  auto judge = trained();
  const auto missing = std::nan("");
  const auto nothing = std::vector(3, missing);
  const auto zones = zone::zone_policy::options{};
  for (auto i = 0; i < 500; ++i) {
    const auto found = judge.judge(nothing);
    CHECK(std::isfinite(found.score));
    CHECK(found.level > zones.monitor_above);
    CHECK(found.level < zones.quarantine_above);
  }
  // Silence has not made anything usual.
  CHECK(judge.judge(std::vector{9.0, -9.0, 9.0}).level > 0.95);
  // One value is enough to be judged.
  CHECK(judge.judge(std::vector{0.1, missing, missing}).level
        != level_unjudged);
}

TEST_CASE("wrong options are those of scorer and calibrator") {
  CHECK(row_judge::make("nobody", {.features = 3}, {}).error().code
        == ec::unknown_name);
  CHECK(row_judge::make("flock", {.features = 3}, {.half_life_rows = 1})
          .error()
          .code
        == ec::invalid_option);
}

TEST_SUITE_END();
