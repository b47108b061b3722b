#include "actors/experiment/promise_check.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace starling::experiment;

namespace {

/// Levels of normal rows, of which some are alarms.
struct level_rows {
  std::vector<uint8_t> labels;
  std::vector<double> levels;

  explicit level_rows(size_t rows) : labels(rows), levels(rows) {
    // nop
  }

  /// As far apart as there is room for.
  static level_rows with_lone_alarms(size_t rows, size_t alarms) {
    auto result = level_rows{rows};
    for (size_t i = 0; i < alarms; ++i)
      result.levels[i * rows / alarms] = 1.0;
    return result;
  }

  level_rows& alarms_at(size_t first, size_t count, size_t step = 1) {
    for (size_t i = 0; i < count; ++i)
      levels[first + i * step] = 1.0;
    return *this;
  }

  [[nodiscard]] promise_check check(double threshold = 0.95,
                                    double horizon = 16.0) const {
    return check_promise(labels, levels, threshold, horizon);
  }
};

} // namespace

TEST_SUITE_BEGIN("experiment/promise_check");

TEST_CASE("the promise is the calibrator's") {
  const auto rows = level_rows{100};
  CHECK(rows.check(0.95, 16.0).promised
        == doctest::Approx(0.0032).epsilon(0.01));
  CHECK(rows.check(0.8, 16.0).promised
        == doctest::Approx(0.01385).epsilon(0.001));
  CHECK(rows.check(0.95, 1.0).promised == doctest::Approx(0.05));
}

// Figures of statsmodels.stats.proportion.proportion_confint, method "wilson".
TEST_CASE("of alarms that stand alone the interval is Wilson's") {
  const auto some = level_rows::with_lone_alarms(1000, 10).check();
  CHECK(some.run == 1.0);
  CHECK(some.observed == doctest::Approx(0.01));
  CHECK(some.low == doctest::Approx(0.00544).epsilon(0.001));
  CHECK(some.high == doctest::Approx(0.01831).epsilon(0.001));
  const auto none = level_rows{1000}.check();
  CHECK(none.low < 1e-12);
  CHECK(none.high == doctest::Approx(0.003827).epsilon(0.001));
}

TEST_CASE("a promise is broken by more alarms than chance would bring") {
  using rows = level_rows;
  CHECK(rows{4000}.check().kept());
  CHECK(rows::with_lone_alarms(4000, 18).check().kept());
  CHECK_FALSE(rows::with_lone_alarms(4000, 34).check().kept());
  // The same share of fewer rows says less.
  CHECK(rows::with_lone_alarms(400, 3).check().kept());
}

TEST_CASE("alarms close to each other are one event") {
  const auto run = level_rows{4000}.alarms_at(700, 34).check();
  CHECK(run.run == 34.0);
  CHECK(run.kept());
  // At the horizon they still are, beyond it not.
  CHECK(level_rows{4000}.alarms_at(700, 34, 16).check().run == 34.0);
  CHECK(level_rows{4000}.alarms_at(700, 34, 17).check().run == 1.0);
}

TEST_CASE("many events break a promise, however long each is") {
  auto rows = level_rows{4000};
  for (size_t first = 0; first < 4000; first += 200)
    rows.alarms_at(first, 10);
  CHECK(rows.check().run == 10.0);
  CHECK_FALSE(rows.check().kept());
}

TEST_CASE("only normal rows count") {
  auto rows = level_rows{4000}.alarms_at(700, 300, 10);
  for (size_t i = 700; i < 3700; ++i)
    rows.labels[i] = 1;
  CHECK(rows.check().observed == 0.0);
  CHECK(rows.check().kept());
}

TEST_CASE("without normal rows there is nothing to break") {
  const auto nothing = level_rows{0}.check();
  CHECK(nothing.kept());
  CHECK(nothing.high == 1.0);
}

TEST_SUITE_END();
