#include "actors/detector/largest_shares.hpp"

#include <doctest/doctest.h>

#include <array>

using starling::detector::largest_shares;
using starling::detector::scorer;

TEST_SUITE_BEGIN("detector/largest_shares");

TEST_CASE("shares are parts of the sum of squares, largest first") {
  const auto shares = largest_shares(std::array{1.0F, -3.0F, 0.0F, 2.0F});
  REQUIRE(shares.size() == 3);
  CHECK(shares[0].feature == 1);
  CHECK(shares[0].share == doctest::Approx(9.0 / 14.0));
  CHECK(shares[1].feature == 3);
  CHECK(shares[2].feature == 0);
}

TEST_CASE("of many features only the largest are named") {
  auto amplitudes = std::array<float, 100>{};
  amplitudes.fill(1.0F);
  CHECK(largest_shares(amplitudes).size() == scorer::shares_max);
}

TEST_CASE("where nothing stands out, nothing is named") {
  CHECK(largest_shares(std::array{0.0F, 0.0F}).empty());
}

TEST_SUITE_END();
