#include "deploy/scale/scale_run.hpp"

#include "deploy/scale/flock.hpp"
#include "deploy/scale/growth_plot.hpp"
#include "deploy/scale/scale_report.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::deploy;

namespace {

/// Costs that grow linearly, and pairs that grow with the square.
scale_outcome made_outcome() {
  auto outcome = scale_outcome{};
  outcome.processors = 2;
  for (auto agents : {10U, 500U, 10'000U, 100'000U}) {
    auto& p = outcome.flock.emplace_back();
    p.agents = agents;
    p.nodes = 2;
    p.rows = 100;
    p.messages = 7 * agents;
    p.cpu_s = 1e-3 * agents;
    p.quarantined = {.guilty = 2, .found = 1, .honest = 8, .accused = 1};
    auto& pairs = outcome.pairwise.emplace_back();
    pairs.agents = agents;
    pairs.done = agents < 100'000U ? 1.0 : 0.02;
    pairs.cpu_s = 1e-9 * agents * agents;
    pairs.messages = 1.0 * agents * agents;
  }
  outcome.growth = growth_of(outcome.flock, outcome.pairwise);
  return outcome;
}

const growth_line& line_of(const scale_outcome& x, const std::string& what,
                           const std::string& who) {
  for (const auto& line : x.growth)
    if (line.what == what && line.who == who)
      return line;
  FAIL("no line of " << what);
  return x.growth.front();
}

} // namespace

TEST_SUITE_BEGIN("deploy/scale/scale_run");

TEST_CASE("exponents are fitted to all sizes and to the large ones") {
  const auto outcome = made_outcome();
  const auto messages = line_of(outcome, "messages", "flock");
  REQUIRE(messages.all);
  CHECK(messages.all->exponent == doctest::Approx(1.0));
  REQUIRE(messages.large);
  CHECK(messages.large->exponent == doctest::Approx(1.0));
  const auto pairs = line_of(outcome, "processor time", "pairwise");
  // What was given up is a projection and no point of the fit.
  CHECK(pairs.points.size() == 3);
  REQUIRE(pairs.all);
  CHECK(pairs.all->exponent == doctest::Approx(2.0));
  // Nothing was measured, so nothing grew.
  CHECK_FALSE(line_of(outcome, "memory", "flock").all);
}

TEST_CASE("points survive the way between processes") {
  auto point = made_outcome().flock.back();
  point.found_by_kind["shift"] = {3, 4};
  point.crossing = {5, 6};
  point.false_entries = 9;
  point.honest_rows_judged = 10;
  point.already_cut_off = 11;
  point.crossing_by_type["a"] = {7, 8};
  const auto back = scale_point_of(to_json(point));
  // As text: what is undefined equals itself there.
  CHECK(to_json(back).dump() == to_json(point).dump());
  const auto pair = made_outcome().pairwise.front();
  CHECK(to_json(pairwise_point_of(to_json(pair))).dump()
        == to_json(pair).dump());
}

TEST_CASE("a report names what was given up and loads nothing") {
  const auto outcome = made_outcome();
  CHECK(to_text(outcome).find("given up after 2 %") != std::string::npos);
  // What most want to know comes first.
  CHECK(to_text(outcome).starts_with("AGENTS"));
  CHECK(to_text(outcome).find("2 nodes at a time on 1 processor")
        != std::string::npos);
  CHECK(to_html(outcome).find("http") == std::string::npos);
  const auto csv = to_csv(outcome);
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
  CHECK(to_json(outcome).at("growth").size() == outcome.growth.size());
}

TEST_CASE("false cuts are counted for a hundred agents and a day of rows") {
  auto point = scale_point{};
  CHECK(point.falsely_cut_off_per_day() == 0.0);
  point.false_entries = 3;
  // Fifty agents, six days.
  point.honest_rows_judged = 50 * 6 * 288;
  CHECK(point.falsely_cut_off_per_day() == doctest::Approx(1.0));
}

TEST_CASE("gates move by whole batches, an epoch at least") {
  auto plan = scale_plan{};
  CHECK(plan.step_rows() == 60);
  plan.epoch_rows = 61;
  CHECK(plan.step_rows() == 90);
}

TEST_CASE("a plot has a mark for each point above zero") {
  const auto drawing = draw_growth(
    "a & b", "s", {{"x", "red", {{10.0, 1.0}, {100.0, 0.0}, {1'000.0, 30.0}}}});
  auto marks = size_t{0};
  for (auto at = drawing.find("r=\"3.5\""); at != std::string::npos;
       at = drawing.find("r=\"3.5\"", at + 1))
    ++marks;
  CHECK(marks == 2);
  CHECK(drawing.find("a &amp; b") != std::string::npos);
}

TEST_CASE("agents are found by name, and nobody else is") {
  CHECK(flock_agent_index(flock_agent_name(1'234)) == 1'234);
  CHECK_FALSE(flock_agent_index("agent-"));
  CHECK_FALSE(flock_agent_index("agent-1x"));
  CHECK_FALSE(flock_agent_index("bob"));
}

TEST_SUITE_END();
