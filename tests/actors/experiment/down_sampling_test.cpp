#include "actors/experiment/down_sampling.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/down_sampling");

// By hand: two columns of four; first, least, greatest, last of each.
TEST_CASE("each column keeps first, last, least and greatest in row order") {
  const auto values = std::vector<double>{2, 9, 1, 3, 5, 5, 5, 5};
  CHECK(down_sampled(values, 2)
        == std::vector<sample>{{0, 2}, {1, 9}, {2, 1}, {3, 3}, {4, 5}, {7, 5}});
}

TEST_CASE("few values are all kept") {
  const auto values = std::vector<double>{3, 1, 2};
  CHECK(down_sampled(values, 100)
        == std::vector<sample>{{0, 3}, {1, 1}, {2, 2}});
  CHECK(down_sampled({}, 100).empty());
}

TEST_CASE("no spike is lost, wherever it stands") {
  for (auto spike = size_t{0}; spike < 10'007; spike += 97) {
    auto values = std::vector<double>(10'007, 0.0);
    values[spike] = 1.0;
    const auto got = down_sampled(values, 860);
    REQUIRE(got.size() <= 4 * 860);
    REQUIRE(std::ranges::count(got, sample{spike, 1.0}) == 1);
  }
}

TEST_SUITE_END();
