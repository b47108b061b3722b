#include "runtime/trust/deviation.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;

namespace {

/// A row that is so many deviations off in each of some features.
row_evidence row_of(std::vector<std::pair<uint32_t, double>> parts) {
  auto result = row_evidence{};
  for (auto [feature, deviations] : parts)
    result.parts.push_back({feature, 0.5, 0.0, 0.0, deviations});
  return result;
}

const auto ways = std::vector<float>{// Six of ten agents.
                                     0.0F, std::sqrt(0.6F), 0.0F,
                                     // One of ten.
                                     std::sqrt(0.1F), 0.0F, 0.0F};

} // namespace

TEST_SUITE_BEGIN("runtime/trust/deviation");

TEST_CASE("a deviation has an entry a feature and length 1") {
  const auto found = deviation_of(row_of({{2, -3.0}, {0, 4.0}}));
  REQUIRE(found.size() == 3);
  CHECK(found[0] == doctest::Approx(0.8));
  CHECK(found[1] == 0.0F);
  CHECK(found[2] == doctest::Approx(-0.6));
}

TEST_CASE("no feature counts more than eight deviations, and a row that is "
          "hardly off counts less than one") {
  const auto far = deviation_of(row_of({{0, 1e9}, {1, 8.0}}));
  CHECK(far[0] == doctest::Approx(far[1]));
  const auto near = deviation_of(row_of({{0, 0.3}}));
  CHECK(near[0] == doctest::Approx(0.1));
}

TEST_CASE("what is missing or out of range says nothing") {
  const auto nan = std::nan("");
  CHECK(deviation_of(row_of({{0, nan}})).empty());
  CHECK(deviation_of(row_of({})).empty());
  const auto huge
    = deviation_of(row_of({{4'000'000'000, 5.0}, {1, 5.0}, {3, nan}}));
  REQUIRE(huge.size() == 2);
  CHECK(huge[1] == doctest::Approx(1.0));
}

TEST_CASE("a deviation is held against what enough others do") {
  const auto like = shared_part(std::vector{0.6F, 0.8F}, ways, 3, 0.25);
  CHECK(like.part == doctest::Approx(0.64));
  CHECK(like.agents == doctest::Approx(0.6));
  const auto both = shared_part(std::vector{0.6F, 0.8F}, ways, 3, 0.05);
  CHECK(both.part == doctest::Approx(1.0));
  CHECK(both.agents == doctest::Approx(0.7));
  // How long it is makes no difference, nor which way it points.
  CHECK(shared_part(std::vector{0.0F, -0.01F}, ways, 3, 0.25).part
        == doctest::Approx(1.0));
  CHECK(shared_part(std::vector{0.0F, 0.0F, 1.0F}, ways, 3, 0.25).part == 0.0);
}

TEST_CASE("where nothing is known nothing is shared") {
  CHECK(shared_part({}, ways, 3, 0.25).agents == 0.0);
  CHECK(shared_part(std::vector{1.0F}, {}, 0, 0.25).part == 0.0);
  CHECK(shared_part(std::vector{1.0F}, ways, 0, 0.25).part == 0.0);
  CHECK(shared_part(std::vector{0.0F}, ways, 3, 0.0).part == 0.0);
  CHECK(shared_part(std::vector{1.0F}, ways, 3, 0.9).agents == 0.0);
}

TEST_SUITE_END();
