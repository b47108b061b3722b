#include "actors/experiment/report_tables.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"
#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace starling::experiment;
using test::count_of;
using test::imbalance_of;
using test::make_result;

namespace {

experiment_summary summary_of(const experiment_result& input) {
  auto out = summarise(input);
  REQUIRE(out);
  return *out;
}

} // namespace

TEST_SUITE_BEGIN("experiment/report_tables");

// Pooled AUC-PR by evaluate.py: 0.18845, smoothed 0.30701.
TEST_CASE("detector and baselines stand side by side, raw and smoothed") {
  const auto got = comparison_table(summary_of(make_result()));
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "formula") == 2);
  CHECK(count_of(got, "reverse") == 2);
  CHECK(count_of(got, ">0.188<") == 1);
  CHECK(count_of(got, ">0.307<") == 1);
}

TEST_CASE("only the best of each column is bold") {
  auto input = make_result();
  const auto got = comparison_table(summary_of(input));
  CHECK(count_of(got, "class=\"best\"") == 12);
  for (auto& entity : input.entities)
    entity.baseline_scores[0] = entity.scores;
  const auto even = comparison_table(summary_of(input));
  CHECK(count_of(even, "class=\"best\"") == 24);
}

TEST_CASE("each family has a table, with as many entities as it has") {
  const auto got = family_tables(summary_of(make_result()));
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "<h3>aa: 2 entities, 6 incidents</h3>") == 1);
  CHECK(count_of(got, "<h3>bb: 1 entity, 3 incidents</h3>") == 1);
}

// evaluate.py: .2237, .0614, .667 of 9, median 1.
TEST_CASE("false alarms and hits are given by family and for all") {
  const auto got = level_table(summary_of(make_result()));
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "<td>22\u202f%</td><td>6.1\u202f%</td><td>9</td>"
                      "<td>67\u202f%</td><td>1</td>")
        == 1);
}

// By the lines of evaluate.py, aa-1 has a level above .95 in 2 of 4 incidents.
TEST_CASE("entities that are drawn are linked") {
  const auto got = entity_table(summary_of(make_result()), 2);
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "<a href=\"#e0\">aa-1</a>") == 1);
  CHECK(count_of(got, "<a href=\"#e1\">aa-2</a>") == 1);
  CHECK(count_of(got, "<td class=\"text\">bb-1</td>") == 1);
  CHECK(count_of(got, "<td>2 of 4</td>") == 1);
}

TEST_CASE("tables that grow are cut and say so") {
  const auto input = make_result();
  const auto incidents = incident_table(summary_of(input), 4);
  CHECK(imbalance_of(incidents) == "");
  CHECK(count_of(incidents, "5 more in summary.json") == 1);
  CHECK(count_of(incident_table(summary_of(input), 9), "more in") == 0);
  CHECK(count_of(zone_change_table(input, 2), "4 more in events.csv") == 1);
  CHECK(count_of(event_table(input, 1), "1 more in events.csv") == 1);
}

TEST_CASE("zone changes say whether there was cause") {
  const auto got = zone_change_table(make_result(), 100);
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "in an incident") == 1);
  CHECK(count_of(got, "class=\"zone z3\"") == 2);
}

TEST_CASE("text of events is only text") {
  auto input = make_result();
  input.events[0].detail = "<img src=x onerror=alert(1)>";
  const auto got = event_table(input, 100);
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "<img") == 0);
}

TEST_CASE("a quiet experiment has tables that say so") {
  auto input = make_result();
  input.events.clear();
  for (auto& entity : input.entities) {
    std::ranges::fill(entity.labels, uint8_t{0});
    entity.zone_changes.clear();
  }
  const auto summary = summary_of(input);
  CHECK(count_of(incident_table(summary, 9), "holds no incident") == 1);
  CHECK(count_of(zone_change_table(input, 9), "No zone changed") == 1);
  CHECK(count_of(event_table(input, 9), "Nothing was recorded") == 1);
  CHECK(count_of(comparison_table(summary), "nan") == 0);
  CHECK(count_of(entity_table(summary, 9), "<td>0 of 0</td>") == 3);
}

TEST_CASE("nodes share the cost") {
  const auto got = node_table(summary_of(make_result()));
  CHECK(imbalance_of(got) == "");
  CHECK(count_of(got, "<td class=\"text\">node-2</td><td>2</td><td>520</td>"
                      "<td>2.0</td><td>200\u202fB</td>")
        == 1);
}

TEST_SUITE_END();
