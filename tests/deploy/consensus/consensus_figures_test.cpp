#include "deploy/consensus/consensus_figures.hpp"

#include "deploy/consensus/consensus_run.hpp"
#include "deploy/consensus/verdict_nodes.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace starling;
using namespace starling::deploy;

namespace {

constexpr uint64_t ms = 1'000'000;

phase_record record_of(std::initializer_list<const char*> lines) {
  auto record = phase_record{};
  for (const auto* line : lines)
    REQUIRE(record.take(line));
  return record;
}

} // namespace

TEST_SUITE_BEGIN("deploy/consensus/consensus_figures");

TEST_CASE("delays run from the alarm to each node and to the last") {
  const auto record = record_of({
    "verdict a 1000000 2000000",
    "verdict b 11000000 12000000",
    "verdict c 21000000 0",
    "cut free a 3000000",
    "cut free a 5000000",
    "cut free b 13000000",
    "heard free 4",
    "heard free 5",
    "refused free 3 4",
    "sent 77",
  });
  const auto found = figures_of(record, "free", 2);
  CHECK(found.alarms == 2);
  CHECK(found.missed == 1);
  // The second node never heard of b.
  CHECK(found.contained == 1);
  CHECK(found.each_node.samples == 3);
  CHECK(found.each_node.p50 == doctest::Approx(1.0));
  CHECK(found.each_node.most == doctest::Approx(3.0));
  CHECK(found.last_node.most == doctest::Approx(3.0));
  CHECK(found.from_row.most == doctest::Approx(4.0));
  CHECK(found.refused == 3);
  CHECK(found.messages == 9);
  CHECK(found.bytes == doctest::Approx(77.0));
}

TEST_CASE("what was decided while something was broken is counted apart") {
  auto record = record_of({
    "verdict a 1 10000000",
    "verdict b 1 20000000",
    "verdict c 1 21000000",
    "cut consensus a 11000000",
    "cut consensus b 22000000",
    "cut consensus c 52000000",
    "commit b 21500000",
    "commit c 51000000",
  });
  record.broken = 15 * ms;
  record.mended = 50 * ms;
  const auto found = figures_of(record, "consensus", 1);
  CHECK(found.alarms_broken == 2);
  CHECK(found.contained_broken == 1);
  CHECK(found.cuts_broken == 1);
  CHECK(found.gap_ms == doctest::Approx(30.0));
  CHECK(found.commit.samples == 2);
  CHECK(found.commit.most == doctest::Approx(30.0));
}

TEST_CASE("the end, a failure and nonsense are told apart") {
  auto record = phase_record{};
  const auto end = record.take("done");
  REQUIRE(end);
  CHECK_FALSE(*end);
  CHECK(record.take("failed for a reason").error().code == ec::wrong_state);
  CHECK(record.take("cut free").error().code == ec::malformed_input);
  CHECK(record.take("hello").error().code == ec::malformed_input);
}

TEST_CASE("a phase's order survives the way between processes") {
  for (auto [free, consensus] :
       {std::pair{true, false}, {false, true}, {true, true}}) {
    const auto order = phase_order{"x", free, consensus, 7, 20};
    const auto back = phase_order_of(to_line(order));
    REQUIRE(back);
    CHECK(back->free == free);
    CHECK(back->consensus == consensus);
    CHECK(back->verdicts == 7);
    CHECK(back->period_ms == 20);
  }
  CHECK_FALSE(phase_order_of("phase x sometimes 7 20"));
  CHECK_FALSE(phase_order_of("report x"));
}

TEST_CASE("nothing measured gives no delays, and a report all the same") {
  CHECK(delays_of({}).samples == 0);
  auto outcome = consensus_outcome{};
  outcome.figures.push_back(figures_of({}, "free", 4));
  CHECK(to_text(outcome).find("free") != std::string::npos);
  CHECK(to_json(outcome).at("figures").size() == 1);
}

TEST_SUITE_END();
