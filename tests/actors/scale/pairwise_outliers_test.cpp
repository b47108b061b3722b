#include "actors/scale/pairwise_outliers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace starling::scale;

namespace {

std::vector<float> cloud(size_t agents, size_t dimensions) {
  auto random = std::mt19937_64{5};
  auto noise = std::normal_distribution<float>{};
  auto values = std::vector<float>(agents * dimensions);
  for (auto& x : values)
    x = noise(random);
  return values;
}

} // namespace

TEST_SUITE_BEGIN("actors/scale/pairwise_outliers");

TEST_CASE("a score is the squared distance to the k-th nearest neighbour") {
  // On a line: 0, 1, 3, 7.
  const auto values = std::vector<float>{0.0F, 1.0F, 3.0F, 7.0F};
  auto nearest = pairwise_outliers{values, 1, 1};
  while (nearest.step())
    ;
  CHECK(std::ranges::equal(nearest.scores(),
                           std::vector<float>{1.0F, 1.0F, 4.0F, 16.0F}));
  auto second = pairwise_outliers{values, 1, 2};
  while (second.step())
    ;
  CHECK(std::ranges::equal(second.scores(),
                           std::vector<float>{9.0F, 4.0F, 9.0F, 36.0F}));
}

TEST_CASE("blocks of agents don't change the scores") {
  constexpr size_t agents = 2'500;
  const auto values = cloud(agents, 3);
  auto all = pairwise_outliers{values, 3, 4};
  all.step();
  auto distances = std::vector<float>{};
  for (size_t i = 1; i < agents; ++i) {
    auto sum = 0.0F;
    for (size_t d = 0; d < 3; ++d) {
      const auto apart = values[3 * i + d] - values[d];
      sum += apart * apart;
    }
    distances.push_back(sum);
  }
  std::ranges::sort(distances);
  CHECK(all.scores()[0] == doctest::Approx(distances[3]));
  CHECK(all.done() == 1);
}

TEST_CASE("who is far from everybody is an outlier, and few others are") {
  auto values = cloud(400, 4);
  for (size_t d = 0; d < 4; ++d)
    values[4 * 123 + d] += 10.0F;
  auto round = pairwise_outliers{values, 4, 8};
  while (round.step())
    ;
  CHECK(round.done() == round.agents());
  const auto found = round.outliers(6.0);
  CHECK(found[123]);
  CHECK(std::ranges::count(found, true) <= 8);
}

TEST_SUITE_END();
