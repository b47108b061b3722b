#include "actors/detector/feature_scaler.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

using starling::detector::feature_scaler;

namespace {

constexpr auto missing = std::numeric_limits<double>::quiet_NaN();

float scaled(const feature_scaler& scaler, double value) {
  auto out = std::array<float, 1>{};
  scaler.scale(std::array{value}, out);
  return out[0];
}

/// Knows a feature with mean 100 and deviation 10.
feature_scaler trained() {
  auto scaler = feature_scaler{{.features = 1, .memory_rows = 1e6}};
  for (auto i = 0; i < 1000; ++i)
    scaler.add(std::array{i % 2 == 0 ? 90.0 : 110.0}, 1.0);
  return scaler;
}

} // namespace

TEST_SUITE_BEGIN("detector/feature_scaler");

TEST_CASE("values come out in deviations from the mean") {
  const auto scaler = trained();
  CHECK(scaled(scaler, 100.0) == doctest::Approx(0.0).epsilon(1e-3));
  CHECK(scaled(scaler, 125.0) == doctest::Approx(2.5).epsilon(1e-3));
}

TEST_CASE("what is out of reach is cut") {
  const auto scaler = trained();
  CHECK(scaled(scaler, 1e300) == 30.0F);
  CHECK(scaled(scaler, -1e300) == -30.0F);
}

TEST_CASE("a missing value is no deviation and teaches nothing") {
  auto scaler = trained();
  for (auto i = 0; i < 1000; ++i)
    scaler.add(std::array{missing}, 1.0);
  CHECK(scaled(scaler, missing) == 0.0F);
  CHECK(scaled(scaler, HUGE_VAL) == 0.0F);
  CHECK(scaled(scaler, 125.0) == doctest::Approx(2.5).epsilon(1e-3));
}

TEST_CASE("the unit does not matter") {
  auto scaler = feature_scaler{{.features = 2}};
  for (auto i = 0; i < 100; ++i) {
    const auto x = 5.0 + (i % 7) * 0.5;
    scaler.add(std::array{x, x * 1e9}, 1.0);
  }
  auto out = std::array<float, 2>{};
  scaler.scale(std::array{9.0, 9.0e9}, out);
  CHECK(out[0] == doctest::Approx(out[1]));
}

TEST_CASE("a feature that stays in another unit is known in that unit") {
  for (auto factor : {1000.0, 0.001, 60.0}) {
    auto scaler = trained();
    const auto follow = [&](size_t rows) {
      for (size_t i = 0; i < rows; ++i)
        scaler.follow_units(std::array{(i % 3 == 0 ? 90.0 : 105.0) * factor});
    };
    // Not before it has lasted: an incident may pass.
    follow(200);
    CHECK(scaled(scaler, 100.0) == doctest::Approx(0.0).epsilon(1e-3));
    follow(300);
    CHECK(scaled(scaler, 125.0 * factor) == doctest::Approx(2.5).epsilon(0.2));
    CHECK(scaled(scaler, 75.0 * factor) == doctest::Approx(-2.5).epsilon(0.2));
    // It is the same feature still, and can change again.
    for (auto i = 0; i < 500; ++i)
      scaler.follow_units(std::array{100.0});
    CHECK(scaled(scaler, 125.0) == doctest::Approx(2.5).epsilon(0.2));
  }
}

TEST_CASE("what is no other unit is not taken for one") {
  const auto is_known_as_before
    = [](feature_scaler scaler, double value, size_t rows) {
        const auto before = scaler.range_of(0);
        for (size_t i = 0; i < rows; ++i)
          scaler.follow_units(std::array{value});
        return scaler.range_of(0).middle == before.middle
               && scaler.range_of(0).deviation == before.deviation;
      };
  CHECK(is_known_as_before(trained(), 4500.0, 10'000));
  CHECK(is_known_as_before(trained(), 2.5, 10'000));
  CHECK(is_known_as_before(trained(), 0.0, 10'000));
  CHECK(is_known_as_before(trained(), -1e5, 10'000));
  CHECK(is_known_as_before(trained(), missing, 10'000));
  CHECK(is_known_as_before(trained(), 1e5, 200));
  // It has no level: zero is as usual as anything.
  auto level = feature_scaler{{.features = 1}};
  for (auto i = 0; i < 1000; ++i)
    level.add(std::array{i % 2 == 0 ? 0.0 : 1.0}, 1.0);
  CHECK(is_known_as_before(level, 1e5, 10'000));
  CHECK_FALSE(is_known_as_before(trained(), 1e5, 500));
}

TEST_CASE("the first move of a constant feature counts in full, in any unit") {
  for (auto unit : {1e-6, 1.0, 1e9}) {
    auto scaler = feature_scaler{{.features = 1}};
    for (auto i = 0; i < 100; ++i)
      scaler.add(std::array{3.0 * unit}, 1.0);
    CHECK(scaled(scaler, 4.0 * unit) == 30.0F);
    CHECK(scaled(scaler, 3.0 * unit) == 0.0F);
  }
}

TEST_CASE("one wild value does not blow up the scale") {
  auto scaler = trained();
  scaler.add(std::array{1e12}, 1.0);
  CHECK(scaled(scaler, 130.0) > 2.0F);
}

TEST_CASE("a feature never seen is no deviation") {
  const auto scaler = feature_scaler{{.features = 1}};
  CHECK(scaled(scaler, 42.0) == 0.0F);
}

TEST_SUITE_END();
