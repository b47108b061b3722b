#include "actors/experiment/promise_check.hpp"

#include <doctest/doctest.h>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/promise_check");

TEST_CASE("the promise is the calibrator's") {
  CHECK(check_promise(0.0, 100, 0.95, 16.0).promised
        == doctest::Approx(0.0032).epsilon(0.01));
  CHECK(check_promise(0.0, 100, 0.8, 16.0).promised
        == doctest::Approx(0.01385).epsilon(0.001));
  CHECK(check_promise(0.0, 100, 0.95, 1.0).promised == doctest::Approx(0.05));
}

// Figures of statsmodels.stats.proportion.proportion_confint, method "wilson".
TEST_CASE("the interval is Wilson's") {
  const auto some = check_promise(0.01, 1000, 0.95, 16.0);
  CHECK(some.low == doctest::Approx(0.00544).epsilon(0.001));
  CHECK(some.high == doctest::Approx(0.01831).epsilon(0.001));
  const auto none = check_promise(0.0, 1000, 0.95, 16.0);
  CHECK(none.low < 1e-12);
  CHECK(none.high == doctest::Approx(0.003827).epsilon(0.001));
}

TEST_CASE("a promise is broken by more alarms than chance would bring") {
  CHECK(check_promise(0.0, 4000, 0.95, 16.0).kept());
  CHECK(check_promise(0.0045, 4000, 0.95, 16.0).kept());
  CHECK_FALSE(check_promise(0.0085, 4000, 0.95, 16.0).kept());
  // The same share of fewer rows says less.
  CHECK(check_promise(0.0085, 400, 0.95, 16.0).kept());
}

TEST_CASE("without normal rows there is nothing to break") {
  const auto nothing = check_promise(0.0, 0, 0.95, 16.0);
  CHECK(nothing.kept());
  CHECK(nothing.high == 1.0);
}

TEST_SUITE_END();
