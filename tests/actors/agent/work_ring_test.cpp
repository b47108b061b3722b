#include "actors/agent/work_ring.hpp"

#include <doctest/doctest.h>

using namespace starling;
using starling::agent::work_ring;
using starling::agent::zone_timeline;

namespace {

const auto names = std::vector<std::string>{"ann", "bob", "cid", "dot"};

} // namespace

TEST_SUITE_BEGIN("actors/agent/work_ring");

TEST_CASE("work goes to the next agent as long as nobody is cut off") {
  const auto run = work_ring{names, 3}.next_run(zone_timeline{}, 5, 100, 1000);
  CHECK(run.first == 5);
  CHECK(run.rows == 95);
  CHECK(run.target == 0);
  CHECK(run.direct);
}

TEST_CASE("a run has no more rows than asked for") {
  const auto run = work_ring{names, 0}.next_run(zone_timeline{}, 5, 100, 10);
  CHECK(run.rows == 10);
}

TEST_CASE("work goes around those who are cut off, and back when they are in "
          "again") {
  auto zones = zone_timeline{};
  zones.note("bob", 10, trust_zone::quarantined);
  zones.note("cid", 12, trust_zone::isolated);
  zones.note("bob", 20, trust_zone::monitored);
  const auto ring = work_ring{names, 0};
  auto found = std::vector<std::pair<uint64_t, size_t>>{};
  auto direct = uint32_t{0};
  for (auto row = uint64_t{0}; row < 30;) {
    const auto run = ring.next_run(zones, row, 30, 1000);
    REQUIRE(run.target);
    found.emplace_back(row, *run.target);
    direct += run.direct ? run.rows : 0;
    row += run.rows;
  }
  CHECK(found
        == std::vector<std::pair<uint64_t, size_t>>{
          {0, 1}, {10, 2}, {12, 3}, {20, 1}});
  CHECK(direct == 20);
}

TEST_CASE("where all others are cut off nobody takes the work") {
  auto zones = zone_timeline{};
  for (const auto* name : {"bob", "cid", "dot"})
    zones.note(name, 10, trust_zone::quarantined);
  zones.note("cid", 15, trust_zone::monitored);
  const auto ring = work_ring{names, 0};
  const auto run = ring.next_run(zones, 10, 30, 1000);
  CHECK_FALSE(run.target);
  CHECK(run.rows == 5);
  CHECK_FALSE(work_ring({"ann"}, 0).next_run(zones, 0, 9, 9).target);
}

TEST_CASE("the sender's own zone is for others to judge") {
  auto zones = zone_timeline{};
  zones.note("ann", 0, trust_zone::isolated);
  CHECK(work_ring{names, 0}.next_run(zones, 0, 9, 9).target == 1);
  CHECK(work_ring::refused_rows(zones, "ann", 0, 9) == 9);
}

TEST_CASE("an agent that is gone is passed over") {
  auto ring = work_ring{names, 0};
  ring.note_gone(1);
  const auto run = ring.next_run(zone_timeline{}, 0, 9, 9);
  CHECK(run.target == 2);
  CHECK_FALSE(run.direct);
}

TEST_CASE("items are refused for those rows at which the sender is cut off") {
  auto zones = zone_timeline{};
  zones.note("bob", 10, trust_zone::monitored);
  zones.note("bob", 12, trust_zone::quarantined);
  zones.note("bob", 15, trust_zone::isolated);
  zones.note("bob", 20, trust_zone::monitored);
  CHECK(work_ring::refused_rows(zones, "bob", 0, 12) == 0);
  CHECK(work_ring::refused_rows(zones, "bob", 0, 100) == 8);
  CHECK(work_ring::refused_rows(zones, "bob", 14, 2) == 2);
  CHECK(work_ring::refused_rows(zones, "bob", 20, 50) == 0);
}

TEST_SUITE_END();
