#include "actors/experiment/axis.hpp"

#include <doctest/doctest.h>

using starling::experiment::axis;
using starling::experiment::tick_label;

namespace {

std::vector<double> rounded(std::vector<double> xs) {
  for (auto& x : xs)
    x = doctest::Approx(x) == 0.0 ? 0.0 : x;
  return xs;
}

/// Ninety-nine values of 1 to 99, and one more.
axis with_peak(double peak) {
  auto values = std::vector<double>{};
  for (auto i = 1; i < 100; ++i)
    values.push_back(i);
  values.push_back(peak);
  return axis::fitted(values);
}

} // namespace

TEST_SUITE_BEGIN("experiment/axis");

TEST_CASE("ticks are 1, 2 or 5 times a power of ten") {
  CHECK(axis{0.0, 1.0}.ticks(5)
        == std::vector{0.0, 0.2, 0.4, 0.2 * 3, 0.8, 1.0});
  CHECK(
    axis{0.0, 4320.0}.ticks(10)
    == std::vector<double>{0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000});
  CHECK(rounded(axis{-7.0, 12.0}.ticks(4))
        == std::vector<double>{-5, 0, 5, 10});
}

TEST_CASE("no tick reads minus zero") {
  for (auto tick : axis{-0.3, 0.9}.ticks(4))
    CHECK(tick_label(tick) != "-0");
}

TEST_CASE("a linear axis places values in proportion") {
  const auto x = axis{10.0, 20.0};
  CHECK(x.place(12.5) == 0.25);
  CHECK(x.place(5.0) == 0.0);
  CHECK(x.place(1e9) == 1.0);
}

TEST_CASE("the axis is logarithmic where values span decades") {
  CHECK(!with_peak(900.0).logarithmic());
  const auto x = with_peak(1e6);
  CHECK(x.logarithmic());
  CHECK(x.ticks(9) == std::vector<double>{1, 10, 100, 1e3, 1e4, 1e5, 1e6});
  CHECK(x.place(1e6) == 1.0);
  CHECK(x.place(1e3) == doctest::Approx(0.5));
  CHECK(x.place(0.0) == 0.0);
}

TEST_CASE("negative values keep the axis linear") {
  CHECK(!axis::fitted(std::vector{-1.0, 1.0, 1.0, 1e6}).logarithmic());
}

TEST_CASE("what can't be negative starts at zero") {
  CHECK(axis::fitted(std::vector{5.0, 10.0}).place(5.0) == 0.5);
}

TEST_CASE("a constant and nothing at all have an axis too") {
  CHECK(axis::fitted(std::vector{3.0, 3.0}).place(3.0) == 0.5);
  CHECK(!axis::fitted({}).ticks(3).empty());
}

TEST_CASE("labels are short") {
  CHECK(tick_label(0.0) == "0");
  CHECK(tick_label(0.05) == "0.05");
  CHECK(tick_label(12.0) == "12");
  CHECK(tick_label(2500.0) == "2.5k");
  CHECK(tick_label(2e7) == "20M");
  CHECK(tick_label(1e-7) == "1e-07");
}

TEST_SUITE_END();
