#include "actors/detector/whitener.hpp"

#include <doctest/doctest.h>

#include <array>

using starling::detector::whitener;

namespace {

/// Four points with mean (1, 2), variances 4 and 1, and covariance 1.2:
/// (x, y) = mean + a (2, 0.6) + b (0, 0.8) for a, b = -1 and 1.
whitener worked_example() {
  auto model = whitener{{.features = 2, .ridge = 1e-6F}};
  auto seen = 0.0F;
  for (auto a : {-1.0F, 1.0F})
    for (auto b : {-1.0F, 1.0F}) {
      seen += 1.0F;
      model.add(std::array{1.0F + 2.0F * a, 2.0F + 0.6F * a + 0.8F * b},
                1.0F / seen);
    }
  model.refresh();
  return model;
}

} // namespace

TEST_SUITE_BEGIN("detector/whitener");

TEST_CASE("with gains 1/n mean and variance are those of the sample") {
  const auto model = worked_example();
  CHECK(model.mean()[0] == doctest::Approx(1.0));
  CHECK(model.mean()[1] == doctest::Approx(2.0));
  CHECK(model.variance(0) == doctest::Approx(4.0));
  CHECK(model.variance(1) == doctest::Approx(1.0));
}

// By hand: the Cholesky factor of ((4, 1.2), (1.2, 1)) is ((2, 0), (0.6, 0.8)),
// so the offset (3, 2.5) becomes (1.5, (2.5 - 0.9) / 0.8) = (1.5, 2).
TEST_CASE("whitening undoes the Cholesky factor of the covariance") {
  auto model = worked_example();
  auto out = std::array<float, 2>{};
  model.whiten(std::array{4.0F, 4.5F}, out);
  CHECK(out[0] == doctest::Approx(1.5).epsilon(1e-4));
  CHECK(out[1] == doctest::Approx(2.0).epsilon(1e-4));
}

TEST_CASE("a feature that never moved is measured by the least deviation") {
  auto model = whitener{{.features = 2, .ridge = 1e-6F, .deviation_min = 0.5F}};
  model.add(std::array{0.0F, 7.0F}, 1.0F);
  model.add(std::array{2.0F, 7.0F}, 0.5F);
  model.refresh();
  auto out = std::array<float, 2>{};
  model.whiten(std::array{1.0F, 9.0F}, out);
  CHECK(out[0] == doctest::Approx(0.0));
  CHECK(out[1] == doctest::Approx(4.0).epsilon(1e-4));
}

TEST_CASE("features that copy each other stay finite") {
  auto model = whitener{{.features = 3, .ridge = 1e-3F}};
  auto seen = 0.0F;
  for (auto x : {1.0F, -2.0F, 3.0F, 0.5F, -1.5F}) {
    seen += 1.0F;
    model.add(std::array{x, x, 2.0F * x}, 1.0F / seen);
  }
  model.refresh();
  auto out = std::array<float, 3>{};
  model.whiten(std::array{1.0F, -1.0F, 0.0F}, out);
  for (auto x : out) {
    CHECK(x < 1e3F);
    CHECK(x > -1e3F);
  }
}

TEST_CASE("nothing is known before the first refresh") {
  auto model = whitener{{.features = 1}};
  auto out = std::array{5.0F};
  model.whiten(std::array{3.0F}, out);
  CHECK(out[0] == 0.0F);
}

TEST_SUITE_END();
