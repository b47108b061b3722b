#include "actors/detector/row_sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using starling::detector::row_sample;

namespace {

row_sample sample_of(size_t rows, uint64_t seed) {
  auto result = row_sample{{.features = 1, .rows_max = 8, .seed = seed}};
  for (size_t i = 0; i < rows; ++i)
    result.add(std::array{static_cast<double>(i)}, static_cast<float>(i));
  return result;
}

} // namespace

TEST_SUITE_BEGIN("detector/row_sample");

TEST_CASE("what fits is kept whole") {
  auto sample = sample_of(8, 1);
  REQUIRE(sample.size() == 8);
  CHECK(!sample.full());
  for (size_t i = 0; i < 8; ++i)
    CHECK(sample[i][0] == static_cast<double>(i));
}

// 64 rows in a sample of 8: the stride is 8, so row i of the sample comes from
// rows 8 i to 8 i + 7.
TEST_CASE("a long stream leaves one row of each of its parts, in order") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto sample = sample_of(64, seed);
    REQUIRE(sample.size() == 8);
    CHECK(sample.full());
    CHECK(sample.seen() == 64);
    for (size_t i = 0; i < 8; ++i) {
      CHECK(static_cast<size_t>(sample[i][0]) / 8 == i);
      CHECK(static_cast<double>(sample.notes()[i]) == sample[i][0]);
    }
  }
}

TEST_CASE("which rows are kept depends on the seed, and on nothing else") {
  auto one = sample_of(1000, 1);
  auto same = sample_of(1000, 1);
  auto other = sample_of(1000, 2);
  auto differs = false;
  for (size_t i = 0; i < std::min(one.size(), other.size()); ++i) {
    CHECK(one[i][0] == same[i][0]);
    differs = differs || one[i][0] != other[i][0];
  }
  CHECK(differs);
}

TEST_SUITE_END();
