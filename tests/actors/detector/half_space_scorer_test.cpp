#include "actors/detector/half_space_scorer.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

using starling::detector::half_space_scorer;
using starling::detector::made_rows;

namespace {

constexpr auto window = half_space_scorer::window_rows;

half_space_scorer plain(size_t features, uint64_t seed = 1) {
  return half_space_scorer{
    {.features = features, .smoothing_rows = 0.0, .seed = seed}};
}

} // namespace

TEST_SUITE_BEGIN("detector/half_space_scorer");

// Rows that never change all go the same way: at the leaf, depth 6, each tree
// has counted the whole window, and the mass is one window times 2^6.
TEST_CASE("where all rows were, mass is two to the depth") {
  auto subject = plain(4);
  const auto row = std::vector<double>{1.0, 2.0, 3.0, 4.0};
  for (size_t i = 0; i < window; ++i) {
    subject.learn(row);
    CHECK(subject.mass() == 0.0);
  }
  subject.learn(row);
  CHECK(subject.mass() == doctest::Approx(64.0));
  // One over (1/64 + 64).
  CHECK(subject.instant_score() == doctest::Approx(1.0 / 64.015625));
}

TEST_CASE("the last window alone is judged by") {
  auto subject = plain(4);
  const auto here = std::vector<double>{1.0, 2.0, 3.0, 4.0};
  const auto there = std::vector<double>{900.0, 900.0, 900.0, 900.0};
  for (size_t i = 0; i < window; ++i)
    subject.learn(here);
  subject.learn(there);
  CHECK(subject.mass() < 32.0);
  // Until the running scale has them in the same half-spaces, too.
  for (size_t i = 0; i < 20 * window; ++i)
    subject.learn(there);
  CHECK(subject.mass() == doctest::Approx(64.0));
}

TEST_CASE("the seed decides the trees, and nothing else does") {
  auto rows = made_rows{6};
  auto one = plain(6, 1);
  auto same = plain(6, 1);
  auto other = plain(6, 2);
  auto differs = false;
  for (auto i = 0; i < 1000; ++i) {
    const auto row = rows.next();
    const auto score = one.score(row);
    CHECK(score == same.score(row));
    differs = differs || score != other.score(row);
  }
  CHECK(differs);
}

TEST_SUITE_END();
