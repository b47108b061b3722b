#include "actors/detector/z_scorer.hpp"

#include <doctest/doctest.h>

#include <array>

using starling::detector::ewma_scaling;
using starling::detector::robust_scaling;
using starling::detector::z_scorer;

namespace {

/// One feature that swings between 90 and 110.
void swing(z_scorer& subject, int rows) {
  for (auto i = 0; i < rows; ++i)
    subject.learn(std::array{i % 2 == 0 ? 90.0 : 110.0});
}

} // namespace

TEST_SUITE_BEGIN("detector/z_scorer");

TEST_CASE("the score is the distance from the mean in deviations") {
  auto subject
    = z_scorer{{.features = 1, .smoothing_rows = 0.0}, robust_scaling(1)};
  swing(subject, 2000);
  CHECK(subject.score(std::array{150.0}) == doctest::Approx(5.0).epsilon(0.01));
}

TEST_CASE("exponential averages forget sooner than robust ones") {
  auto robust
    = z_scorer{{.features = 1, .smoothing_rows = 0.0}, robust_scaling(1)};
  auto ewma = z_scorer{{.features = 1, .smoothing_rows = 0.0}, ewma_scaling(1)};
  swing(robust, 2000);
  swing(ewma, 2000);
  for (auto i = 0; i < 300; ++i) {
    robust.score(std::array{150.0});
    ewma.score(std::array{150.0});
  }
  CHECK(robust.score(std::array{150.0}) > 2.0);
  CHECK(ewma.score(std::array{150.0}) < 1.0);
}

TEST_SUITE_END();
