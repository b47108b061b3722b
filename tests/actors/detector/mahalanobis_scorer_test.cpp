#include "actors/detector/mahalanobis_scorer.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

using starling::detector::made_rows;
using starling::detector::mahalanobis_scorer;

TEST_SUITE_BEGIN("detector/mahalanobis_scorer");

// The squared Mahalanobis distance of normal rows is chi-squared with as many
// degrees of freedom as features, so its mean per feature is 1.
TEST_CASE("ordinary rows score one on average") {
  auto rows = made_rows{10};
  auto subject = mahalanobis_scorer{{.features = 10, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 4096; ++i)
    subject.learn(rows.next());
  auto sum = 0.0;
  for (auto i = 0; i < 2000; ++i)
    sum += subject.score(rows.next());
  CHECK(sum / 2000.0 == doctest::Approx(1.0).epsilon(0.1));
}

TEST_CASE("one incident leaves the memory of ordinary rows as it was") {
  auto rows = made_rows{10};
  auto subject = mahalanobis_scorer{{.features = 10, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 4096; ++i)
    subject.learn(rows.next());
  const auto first = subject.score(rows.next(15.0));
  for (auto i = 0; i < 256; ++i)
    subject.score(rows.next(15.0));
  CHECK(subject.score(rows.next(15.0)) > 0.5 * first);
}

TEST_SUITE_END();
