#include "actors/detector/subspace_scorer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using starling::detector::subspace_scorer;

namespace {

/// Rows on the line (1, 1, 1), the swing of which is `at`, and a little beside
/// it along (1, -1, 0).
std::vector<double> row_at(double at, double beside) {
  return {at + beside, at - beside, at};
}

subspace_scorer trained() {
  auto subject = subspace_scorer{{.features = 3, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 6000; ++i)
    subject.learn(
      row_at(std::sin(0.7 * i) * std::sqrt(2.0), i % 2 == 0 ? 0.05 : -0.05));
  return subject;
}

} // namespace

TEST_SUITE_BEGIN("detector/subspace_scorer");

// Each feature has deviation one, nearly, so the scaled rows lie on (1, 1, 1),
// the variance along it is 3, and the direction is (1, 1, 1) sqrt(3).
TEST_CASE("the leading direction and the variance along it are found") {
  const auto subject = trained();
  const auto found = subject.direction(0);
  for (auto x : found)
    CHECK(std::abs(x) == doctest::Approx(std::sqrt(3.0)).epsilon(0.03));
  CHECK(found[0] * found[1] > 0.0F);
  CHECK(found[0] * found[2] > 0.0F);
}

TEST_CASE("what lies on the direction scores nothing, however far out") {
  auto subject = trained();
  CHECK(subject.score(row_at(8.0, 0.0)) < 0.01);
}

// Beside the line by 2 in two of three features: (4 + 4) / 3.
TEST_CASE("what lies beside it scores its mean square") {
  auto subject = trained();
  CHECK(subject.score(row_at(0.0, 2.0))
        == doctest::Approx(8.0 / 3.0).epsilon(0.03));
  const auto shares = subject.explain();
  REQUIRE(shares.size() >= 2);
  CHECK(shares[0].feature + shares[1].feature == 1);
}

TEST_SUITE_END();
