#include "actors/tree/report_median.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace starling::tree;

TEST_SUITE_BEGIN("actors/tree/report_median");

TEST_CASE("what more than half say is taken as it is") {
  const auto truth = summary_parts{{1.0, 2.0, 3.0}, {1.0, 1.0, 0.5}};
  const auto lie = summary_parts{{1e9}, {2.5}};
  const auto other = summary_parts{{-1e9}, {2.5}};
  CHECK(median_report(std::vector{lie, truth, other, truth, truth}, 16)
        == truth);
  CHECK(median_report(std::vector{truth}, 16) == truth);
}

// Five reports of which no two are equal, two of them lies: at each rank the
// middle one is honest or between two honest ones.
TEST_CASE("at every rank the outcome lies between two honest reports") {
  auto engine = std::mt19937{5};
  const auto unit
    = [&engine] { return static_cast<double>(engine()) / 4294967296.0; };
  for (auto run = 0; run < 100; ++run) {
    auto reports = std::vector<summary_parts>{};
    for (auto k = 0; k < 3; ++k) {
      auto& report = reports.emplace_back();
      for (auto i = 0; i < 16; ++i)
        report.values.push_back(unit());
      std::ranges::sort(report.values);
      report.weights.assign(16, 1.0);
    }
    const auto honest = reports;
    reports.push_back({{-1e9}, {16.0}});
    reports.push_back({{run % 2 == 0 ? -1e9 : 1e9}, {1e-6}});
    std::ranges::shuffle(reports, engine);
    const auto outcome = median_report(reports, 16);
    REQUIRE(outcome.values.size() == 16);
    CHECK(std::ranges::is_sorted(outcome.values));
    for (size_t i = 0; i < 16; ++i) {
      CHECK(outcome.weights[i] == doctest::Approx(1.0));
      const auto [low, high] = std::minmax(
        {honest[0].values[i], honest[1].values[i], honest[2].values[i]});
      CHECK(outcome.values[i] >= low);
      CHECK(outcome.values[i] <= high);
    }
  }
}

TEST_CASE("where most say that there is nobody, there is nobody") {
  const auto one = summary_parts{{1.0}, {1.0}};
  const auto two = summary_parts{{2.0}, {1.0}};
  CHECK(median_report(std::vector<summary_parts>{{}, one, {}, two, {}}, 16)
        == summary_parts{});
}

TEST_CASE("directions are those that most say, or else the ones in the "
          "middle") {
  const auto truth = direction_parts{2, {1.0F, 0.0F}};
  const auto near = direction_parts{2, {0.99F, 0.05F}};
  const auto nearer = direction_parts{2, {1.0F, 0.02F}};
  const auto lie = direction_parts{2, {0.0F, 50.0F}};
  CHECK(median_directions(std::vector{lie, truth, lie, truth, truth}) == truth);
  CHECK(median_directions(std::vector{lie, near, lie, truth, nearer})
        == nearer);
  CHECK(median_directions(std::vector{lie, {}, {}}) == direction_parts{});
  const auto both = median_report(
    std::vector<summary_report>{
      {{{0.5}, {1.0}}, truth}, {{{0.9}, {1.0}}, lie}, {{{0.5}, {1.0}}, truth}},
    16);
  CHECK(both.levels == summary_parts{{0.5}, {1.0}});
  CHECK(both.directions == truth);
}

TEST_CASE("the median of an even number of figures is the lower one") {
  auto figures = std::vector{4.0, 1.0, 3.0, 2.0};
  CHECK(median_figure(figures) == 2.0);
}

TEST_SUITE_END();
