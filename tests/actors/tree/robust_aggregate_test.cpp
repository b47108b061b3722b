#include "actors/tree/robust_aggregate.hpp"

#include "actors/tree/tree_place.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <random>

using namespace starling;
using tree::quantile_summary;

namespace {

quantile_summary of(std::initializer_list<double> values) {
  auto summary = *quantile_summary::make({});
  for (auto x : values)
    summary.add(x);
  return summary;
}

peer_id member(size_t number) {
  auto id = peer_id{};
  id.bytes[0] = static_cast<uint8_t>(number);
  id.bytes[1] = static_cast<uint8_t>(number >> 8);
  return id;
}

/// Lets 512 agents report up a tree of fan-out 8 and returns what the root
/// holds. Honest agents report a standard normal variate (Box and Muller);
/// the first `liars` of them all report 100.
quantile_summary colluders(size_t liars, unsigned seed, size_t points_max) {
  constexpr size_t agents = 512;
  auto engine = std::mt19937{seed};
  const auto uniform = [&engine] {
    return (static_cast<double>(engine()) + 0.5) / 4294967296.0;
  };
  auto members = std::vector<peer_id>{};
  auto reports = std::map<peer_id, double>{};
  for (size_t i = 0; i < agents; ++i) {
    const auto normal = std::sqrt(-2.0 * std::log(uniform()))
                        * std::cos(6.283185307179586 * uniform());
    members.push_back(member(i));
    reports[members.back()] = i < liars ? 100.0 : normal;
  }
  const auto places = tree::tree_place::make(members, seed, {});
  REQUIRE(places);
  const auto collect
    = [&](const auto& self, const peer_id& at) -> quantile_summary {
    auto summary = *quantile_summary::make({.points_max = points_max});
    summary.add(reports[at]);
    for (const auto& child : places->children_of(at)) {
      const auto parts = self(self, child).encode();
      const auto received = quantile_summary::decode(
        parts, static_cast<double>(places->members_below(child)),
        {.points_max = points_max});
      REQUIRE(received);
      summary.merge(*received);
    }
    return summary;
  };
  return collect(collect, *places->root());
}

} // namespace

TEST_SUITE_BEGIN("tree/robust_aggregate");

TEST_CASE("the median is the value in the middle of the weight") {
  CHECK(tree::weighted_median(of({1.0, 2.0, 3.0, 4.0, 100.0})) == 3.0);
  auto weighted = of({1.0, 2.0});
  weighted.add(3.0, 0.5);
  CHECK(tree::weighted_median(weighted) == 2.0);
}

// By hand, of 5 values with 34 % (1.7 agents) cut at each end: 0.3 of 2, all
// of 3, 0.3 of 7: (0.6 + 3 + 2.1) / 1.6.
TEST_CASE("the trimmed mean cuts values in parts") {
  CHECK(tree::trimmed_mean(of({1.0, 2.0, 3.0, 7.0, 100.0}), 0.34)
        == doctest::Approx(5.7 / 1.6));
  CHECK(tree::trimmed_mean(of({1.0, 2.0, 3.0}), 0.0) == doctest::Approx(2.0));
}

// Distances from the median 3 of 1, 2, 3, 4, 100: 2, 1, 0, 1, 97.
TEST_CASE("the robust deviation is the scaled median distance") {
  CHECK(tree::robust_deviation(of({1.0, 2.0, 3.0, 4.0, 100.0}))
        == doctest::Approx(1.4826));
}

// With a third at +100, the middle 20 % of all ranks are honest ranks 40/67 to
// 60/67; the mean of a standard normal between them is .69. The median is its
// quantile 50/67: .66.
TEST_CASE("a third of colluders at 100 sigma moves no aggregate by 1.1") {
  auto worst_mean = 0.0;
  auto worst_median = 0.0;
  for (auto seed = 1U; seed <= 20; ++seed)
    for (size_t points : {128, 256, 512}) {
      const auto summary = colluders(169, seed, points);
      CHECK(summary.weight() == doctest::Approx(512.0));
      worst_mean = std::max(worst_mean, std::abs(tree::trimmed_mean(summary)));
      worst_median
        = std::max(worst_median, std::abs(tree::weighted_median(summary)));
    }
  MESSAGE("worst error: trimmed mean ", worst_mean, ", median ", worst_median);
  CHECK(worst_mean <= 1.1);
  CHECK(worst_median <= 1.1);
}

TEST_CASE("without liars the aggregates find the mean") {
  const auto summary = colluders(0, 5, 128);
  // The standard error of a median of 512 normal variates is .055.
  CHECK(std::abs(tree::weighted_median(summary)) < 0.17);
  CHECK(std::abs(tree::trimmed_mean(summary)) < 0.17);
  CHECK(tree::robust_deviation(summary) == doctest::Approx(1.0).epsilon(0.15));
}

TEST_SUITE_END();
