#include "actors/tree/direction_sketch.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace starling;
using namespace starling::tree;

namespace {

using vector = std::vector<float>;

direction_sketch make(size_t rank = 4) {
  auto made = direction_sketch::make({.rank = rank, .features_max = 32});
  REQUIRE(made);
  return std::move(*made);
}

vector row_of(const direction_parts& parts, size_t i) {
  const auto from
    = parts.rows.begin() + static_cast<ptrdiff_t>(i * parts.features);
  return {from, from + parts.features};
}

double dot(const vector& a, const vector& b) {
  auto sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// Vectors of length 1 about some directions, one far more often than the
/// others.
struct crowd {
  std::mt19937 engine{3};
  std::normal_distribution<float> noise{0.0F, 1.0F};

  vector draw() {
    auto result = vector(12);
    for (auto& x : result)
      x = 0.2F * noise(engine);
    result[engine() % 3 == 0 ? engine() % 12 : 2] += 1.0F;
    const auto length = static_cast<float>(std::sqrt(dot(result, result)));
    for (auto& x : result)
      x /= length;
    return result;
  }
};

vector unit(size_t i) {
  auto result = vector(12);
  result[i] = 1.0F;
  return result;
}

} // namespace

TEST_SUITE_BEGIN("actors/tree/direction_sketch");

TEST_CASE("as long as they fit, directions are exact") {
  auto sketch = make(2);
  // (3, 4) / 5 three times and a right angle to it once.
  for (auto i = 0; i < 3; ++i)
    sketch.add(vector{0.6F, 0.8F});
  sketch.add(vector{-0.8F, 0.6F});
  const auto parts = sketch.encode();
  REQUIRE(parts.features == 2);
  REQUIRE(parts.rows.size() == 4);
  const auto first = row_of(parts, 0);
  const auto second = row_of(parts, 1);
  CHECK(dot(first, first) == doctest::Approx(3.0));
  CHECK(dot(second, second) == doctest::Approx(1.0));
  CHECK(dot(first, second) == doctest::Approx(0.0).epsilon(1e-6));
  CHECK(std::abs(dot(first, {0.6F, 0.8F})) == doctest::Approx(std::sqrt(3.0)));
  CHECK(sketch.along(vector{0.6F, 0.8F}) == doctest::Approx(3.0));
  CHECK(sketch.energy() == doctest::Approx(4.0));
}

// The bound of the paper: for any k below the rank.
TEST_CASE("no direction is overstated, nor understated by more than promised") {
  auto drawn = crowd{};
  auto sketch = make(4);
  auto exact = std::vector<vector>{};
  for (auto i = 0; i < 500; ++i) {
    exact.push_back(drawn.draw());
    sketch.add(exact.back());
  }
  const auto truth = [&exact](const vector& direction) {
    auto sum = 0.0;
    for (const auto& each : exact)
      sum += dot(each, direction) * dot(each, direction);
    return sum;
  };
  // All but the energy along the main direction, over rank - 1.
  const auto bound = (500.0 - truth(unit(2))) / 3.0;
  CHECK(bound < 0.5 * truth(unit(2)));
  for (size_t i = 0; i < 12; ++i) {
    CHECK(sketch.along(unit(i)) <= truth(unit(i)) + 1e-6);
    CHECK(sketch.along(unit(i)) >= truth(unit(i)) - bound - 1e-6);
  }
  const auto first = row_of(sketch.encode(), 0);
  CHECK(std::abs(first[2]) > 0.98 * std::sqrt(dot(first, first)));
}

// Whoever keeps the longest four as they are loses the fifth again and again.
TEST_CASE("a way that many take late is not lost among those taken before") {
  // With many features directions are made sooner than with few.
  for (auto late : {size_t{9}, size_t{29}}) {
    auto way = vector(late + 1);
    way[late] = 1.0F;
    auto sketch = make(4);
    for (auto i = 0; i < 40; ++i)
      sketch.add(unit(static_cast<size_t>(i) % 4));
    for (auto i = 0; i < 100; ++i)
      sketch.add(way);
    CHECK(sketch.along(way) <= 100.0 + 1e-6);
    CHECK(sketch.along(way) >= 100.0 - 40.0 / 3.0);
    CHECK(sketch.encode().rows.size() <= 4 * (late + 1));
  }
}

TEST_CASE("sketches of parts make a sketch of the whole") {
  auto drawn = crowd{};
  auto parts = std::vector<direction_sketch>(8, make(4));
  auto whole = make(4);
  auto along = 0.0;
  for (auto i = 0; i < 800; ++i) {
    const auto each = drawn.draw();
    parts[static_cast<size_t>(i) % 8].add(each);
    along += dot(each, unit(2)) * dot(each, unit(2));
  }
  for (const auto& part : parts) {
    const auto told
      = direction_sketch::decode(part.encode(), 100.0, {.rank = 4});
    REQUIRE(told);
    whole.merge(*told);
  }
  CHECK(whole.along(unit(2)) <= along + 1e-3);
  CHECK(whole.along(unit(2)) >= along - (800.0 - along) / 3.0);
  CHECK(whole.energy() <= 800.0);
}

TEST_CASE("whatever an agent did, it counts for one") {
  auto sketch = make();
  sketch.add(vector{1e6F, 0.0F});
  CHECK(sketch.energy() == doctest::Approx(1.0));
  // Who is less strange counts for less.
  sketch.add(vector{0.0F, 0.5F});
  CHECK(sketch.energy() == doctest::Approx(1.25));
  sketch.add(vector{std::numeric_limits<float>::quiet_NaN()});
  sketch.add(vector{std::numeric_limits<float>::infinity()});
  sketch.add(vector{});
  sketch.add(vector{0.0F, 0.0F});
  CHECK(sketch.energy() == doctest::Approx(1.25));
}

// 300 honest agents in two ways, and 150 liars in a third one.
TEST_CASE("a third of liars can add a direction, but neither hide nor outgrow "
          "what two thirds do") {
  auto sketch = make();
  for (auto i = 0; i < 450; ++i)
    sketch.add(i % 3 == 0 ? unit(7) : unit(i % 2 == 0 ? 1 : 2));
  CHECK(sketch.along(unit(7)) == doctest::Approx(150.0));
  CHECK(sketch.along(unit(1)) == doctest::Approx(150.0));
  CHECK(sketch.along(unit(2)) == doctest::Approx(150.0));
}

TEST_CASE("rows of different lengths have zeros behind") {
  auto sketch = make();
  sketch.add(vector{1.0F});
  sketch.add(unit(11));
  sketch.add(vector{1.0F});
  CHECK(sketch.along(unit(0)) == doctest::Approx(2.0));
  CHECK(sketch.along(unit(11)) == doctest::Approx(1.0));
  // Longer than `features_max`.
  auto late = vector(40);
  late[39] = 1.0F;
  sketch.add(late);
  CHECK(sketch.energy() == doctest::Approx(3.0));
  CHECK(sketch.encode().features == 12);
}

TEST_CASE("the same calls give the same bits, here and where it was told") {
  auto drawn = crowd{};
  auto one = make();
  auto two = make();
  for (auto i = 0; i < 100; ++i) {
    const auto each = drawn.draw();
    one.add(each);
    two.add(each);
  }
  CHECK(one.encode() == two.encode());
  const auto told = direction_sketch::decode(one.encode(), 100.0,
                                             {.rank = 4, .features_max = 32});
  REQUIRE(told);
  auto here = one.as_told();
  auto there = *told;
  here.merge(two);
  there.merge(two);
  CHECK(here.encode() == there.encode());
}

TEST_CASE("a sketch of no rank stays empty") {
  auto sketch = make(0);
  sketch.add(unit(1));
  CHECK(sketch.empty());
  CHECK(sketch.encode() == direction_parts{});
}

TEST_CASE("hostile parts are refused") {
  const auto refused = [](const direction_parts& parts, ec code) {
    const auto made
      = direction_sketch::decode(parts, 3.0, {.rank = 2, .features_max = 4});
    REQUIRE_FALSE(made);
    CHECK(made.error().code == code);
  };
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  const auto huge = std::numeric_limits<float>::max();
  refused({2, {1.0F, 0.0F, 0.0F}}, ec::malformed_input);
  refused({2, {nan, 0.0F}}, ec::malformed_input);
  refused({2, {std::numeric_limits<float>::infinity(), 0.0F}},
          ec::malformed_input);
  refused({2, {huge, huge}}, ec::limit_reached);
  refused({0, {1.0F}}, ec::limit_reached);
  refused({1, {1.0F, 0.1F, 0.1F}}, ec::limit_reached);
  refused({5, {1.0F, 0.0F, 0.0F, 0.0F, 0.0F}}, ec::limit_reached);
  // More agents than are below its sender.
  refused({2, {1.5F, 1.0F}}, ec::limit_reached);
  CHECK(direction_sketch::decode({2, {1.5F, 0.5F}}, 3.0, {}));
  CHECK(direction_sketch::decode({}, 0.0, {.rank = 0}));
}

TEST_CASE("sketches of silly size are refused") {
  for (const auto& opts : {direction_sketch::options{.rank = 17},
                           direction_sketch::options{.features_max = 0},
                           direction_sketch::options{.features_max = 5000}}) {
    const auto made = direction_sketch::make(opts);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ec::invalid_option);
  }
}

TEST_CASE("two sets of directions are as far apart as their covariances") {
  const auto a = direction_parts{2, {1.0F, 0.0F}};
  const auto b = direction_parts{3, {0.0F, 0.0F, 2.0F}};
  CHECK(distance(a, a) == 0.0);
  // diag(1, 0, -4).
  CHECK(distance(a, b) == doctest::Approx(std::sqrt(17.0)));
  CHECK(distance(a, {}) == doctest::Approx(1.0));
  // Which way a direction points makes no difference.
  CHECK(distance(a, {2, {-1.0F, 0.0F}}) == doctest::Approx(0.0));
}

TEST_SUITE_END();
