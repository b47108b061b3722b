#include "actors/detector/whitened_energy.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using starling::detector::whitened_energy;

namespace {

/// Feature 0 swings between -1 and 1; feature 1 does so too, but jumps by
/// thirty every `jump_every` rows.
whitened_energy trained(size_t jump_every) {
  auto model
    = whitened_energy{{.whitening = {.features = 2, .deviation_min = 1.0F}}};
  for (size_t i = 0; i < 4096; ++i) {
    const auto a = i % 2 == 0 ? 1.0F : -1.0F;
    const auto b = i % 4 < 2 ? 1.0F : -1.0F;
    const auto row
      = std::array{a, jump_every > 0 && i % jump_every == 0 ? 30.0F : b};
    model.measure(row);
    model.learn(row, {});
  }
  return model;
}

} // namespace

TEST_SUITE_BEGIN("detector/whitened_energy");

TEST_CASE("ordinary rows have an energy of about one") {
  auto model = trained(0);
  CHECK(model.measure(std::array{1.0F, -1.0F})
        == doctest::Approx(1.0).epsilon(0.01));
}

TEST_CASE("the energy of an outlier is its squared distance by feature") {
  auto model = trained(0);
  CHECK(model.measure(std::array{10.0F, 0.0F})
        == doctest::Approx(50.0).epsilon(0.01));
}

// Thirty in one of 200 rows: variance about 5.5, so a jump has a whitened size
// of 12.8, and the third absolute moment is about 10.5 with cube root 2.2: the
// tamed jump is 12.8 / (2.2 / 1.25), and its mean square near 26 instead of 82.
TEST_CASE("a component that jumps as a habit loses weight") {
  auto model = trained(200);
  const auto energy = model.measure(std::array{0.0F, 30.0F});
  CHECK(energy == doctest::Approx(26.4).epsilon(0.1));
}

TEST_CASE("a row of no weight teaches nothing") {
  auto model = trained(0);
  const auto probe = std::array{10.0F, 0.0F};
  const auto before = model.measure(probe);
  for (auto i = 0; i < 512; ++i) {
    model.measure(probe);
    model.learn(probe, {.relations = 0.0F, .tails = 0.0F});
  }
  CHECK(model.measure(probe) == doctest::Approx(before).epsilon(1e-3));
}

TEST_SUITE_END();
