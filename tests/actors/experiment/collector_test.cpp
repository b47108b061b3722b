#include "actors/experiment/collector.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::experiment;

namespace {

/// Scores that name their row: 100, 101, ...
struct batch {
  std::vector<double> scores;
  std::vector<double> levels;
  std::vector<std::vector<double>> baselines{1};
  std::vector<uint64_t> cost{5000};

  batch(uint64_t first, size_t rows) {
    for (size_t i = 0; i < rows; ++i) {
      scores.push_back(100.0 + static_cast<double>(first + i));
      levels.push_back(0.5);
      baselines[0].push_back(1.0);
    }
    view = {first, scores, levels, baselines, 10'000, cost, 80};
  }

  scored_rows view;
};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/collector");

TEST_CASE("rows that come again are dropped") {
  auto found = collector{{"ann"}, 1};
  CHECK(found.add_scores(0, batch{0, 4}.view, 10));
  CHECK(found.add_scores(0, batch{0, 4}.view, 10));
  CHECK(found.add_scores(0, batch{2, 6}.view, 10));
  CHECK(found.rows(0) == 8);
  auto result = experiment_result{};
  found.finish({{0, 0, 0, 0, 0, 0, 0, 0}}, {"node-1"}, result);
  CHECK(result.entities[0].scores
        == std::vector<double>{100, 101, 102, 103, 104, 105, 106, 107});
  CHECK(result.entities[0].node == "node-1");
  // 10 µs for the first four, and four sixths of 10 µs for the others.
  CHECK(result.entities[0].cost.micros_per_vector
        == doctest::Approx((10.0 + 4.0 / 6.0 * 10.0) / 8.0));
  CHECK(result.entities[0].cost.bytes == 160);
  CHECK(result.baseline_micros[0]
        == doctest::Approx((5.0 + 4.0 / 6.0 * 5.0) / 8.0));
}

TEST_CASE("gaps, rows beyond the end and uneven lengths are refused") {
  auto found = collector{{"ann"}, 1};
  CHECK(found.add_scores(0, batch{1, 4}.view, 10).error().code
        == ec::malformed_input);
  CHECK(found.add_scores(0, batch{0, 11}.view, 10).error().code
        == ec::malformed_input);
  auto uneven = batch{0, 4};
  uneven.view.levels = uneven.view.levels.first(3);
  CHECK_FALSE(found.add_scores(0, uneven.view, 10));
  auto none = batch{0, 4};
  none.view.baselines = {};
  CHECK_FALSE(found.add_scores(0, none.view, 10));
  CHECK(found.rows(0) == 0);
}

TEST_CASE("zone changes and routes that come again are dropped, and all is in "
          "the order of rows") {
  auto found = collector{{"ann", "bob"}, 0};
  const auto quarantine
    = zone_change_note{7, "TRUSTED", "QUARANTINED", "level 0.99", 0.99};
  found.add_zone_change(1, quarantine, "common");
  found.add_zone_change(1, {3, "TRUSTED", "MONITORED", "level 0.9", 0.9}, "");
  found.add_zone_change(1, quarantine, "individual");
  found.add_route(0, 7, "bob", "");
  found.add_route(0, 7, "bob", "");
  found.add_work(0, {10, 2, 1, 3});
  found.add_work(1, {1, 0, 0, 0});
  found.add_event({12, "", "node-2", "node", "up", "down", {}, "lost"});
  CHECK(found.work_total().delivered == 11);
  auto result = experiment_result{};
  found.finish({{}, {}}, {"node-1", "node-2"}, result);
  REQUIRE(result.entities[1].zone_changes.size() == 2);
  CHECK(result.entities[1].zone_changes[0].t == 3);
  auto kinds = std::vector<std::string>{};
  for (const auto& event : result.events)
    kinds.push_back(event.kind + ":" + event.entity);
  CHECK(kinds
        == std::vector<std::string>{"work:", "work:ann", "work:bob", "node:",
                                    "zone:bob", "route:ann", "zone:bob"});
  CHECK(result.events[0].detail
        == "all agents: delivered 11, re-routed 2, refused 1, dropped 3");
  CHECK(result.events[6].detail == "level 0.99; common");
  CHECK(result.events[5].detail == "nobody is left to take its work");
}

TEST_SUITE_END();
