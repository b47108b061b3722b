#include "actors/detector/loda_scorer.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>

using starling::detector::loda_scorer;
using starling::detector::made_rows;

TEST_SUITE_BEGIN("detector/loda_scorer");

// Rows that never change fall into one bin of each view. After n of them its
// probability is (n + 1) / (n + 48): one row is counted beforehand in each of
// 48 bins.
TEST_CASE("the score is the mean logarithm of how rare the bins are") {
  auto subject = loda_scorer{{.features = 5, .smoothing_rows = 0.0}};
  const auto row = std::vector<double>{1.0, 2.0, 3.0, 4.0, 5.0};
  for (auto n = 0; n < 100; ++n) {
    subject.learn(row);
    CHECK(subject.instant_score()
          == doctest::Approx(std::log((n + 48.0) / (n + 1.0))).epsilon(1e-4));
  }
}

// With one feature each view is that feature, so a bin that none was in has the
// probability 1 / (n + 48) in all of them.
TEST_CASE("what was never seen scores the logarithm of all that was") {
  auto subject = loda_scorer{{.features = 1, .smoothing_rows = 0.0}};
  for (auto n = 0; n < 1000; ++n)
    subject.learn(std::vector{n % 2 == 0 ? 1.0 : -1.0});
  CHECK(subject.score(std::vector{7.0})
        == doctest::Approx(std::log(1048.0)).epsilon(1e-4));
}

TEST_CASE("the feature that is off has the largest share") {
  auto rows = made_rows{12};
  auto subject = loda_scorer{{.features = 12, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 3000; ++i)
    subject.learn(rows.next());
  auto odd = rows.next();
  odd[7] += 30.0 * made_rows::unit_of(7);
  subject.score(odd);
  const auto shares = subject.explain();
  REQUIRE(!shares.empty());
  CHECK(shares[0].feature == 7);
}

TEST_SUITE_END();
