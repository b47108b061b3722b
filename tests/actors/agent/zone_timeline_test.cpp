#include "actors/agent/zone_timeline.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling;
using starling::agent::zone_timeline;

TEST_SUITE_BEGIN("actors/agent/zone_timeline");

TEST_CASE("an agent that nothing was said about is trusted") {
  const auto zones = zone_timeline{};
  CHECK(zones.zone_at("bob", 5) == trust_zone::trusted);
  CHECK(zones.latest("bob") == trust_zone::trusted);
  CHECK(zones.next_change("bob", 0) == std::numeric_limits<uint64_t>::max());
}

TEST_CASE("a zone holds from its row to the next change") {
  auto zones = zone_timeline{};
  zones.note("bob", 20, trust_zone::monitored);
  zones.note("bob", 10, trust_zone::quarantined);
  CHECK(zones.zone_at("bob", 9) == trust_zone::trusted);
  CHECK(zones.zone_at("bob", 10) == trust_zone::quarantined);
  CHECK(zones.zone_at("bob", 19) == trust_zone::quarantined);
  CHECK(zones.zone_at("bob", 20) == trust_zone::monitored);
  CHECK(zones.latest("bob") == trust_zone::monitored);
  CHECK(zones.next_change("bob", 9) == 10);
  CHECK(zones.next_change("bob", 10) == 20);
  CHECK(zones.zone_at("eve", 15) == trust_zone::trusted);
}

TEST_CASE("a change that is said again changes nothing") {
  auto zones = zone_timeline{};
  zones.note("bob", 10, trust_zone::quarantined);
  zones.note("bob", 22, trust_zone::monitored);
  zones.note("bob", 10, trust_zone::quarantined);
  CHECK(zones.zone_at("bob", 30) == trust_zone::monitored);
}

TEST_CASE("beyond the bound the oldest change is forgotten") {
  auto zones = zone_timeline{2};
  zones.note("bob", 1, trust_zone::monitored);
  zones.note("bob", 2, trust_zone::quarantined);
  zones.note("bob", 3, trust_zone::isolated);
  CHECK(zones.next_change("bob", 0) == 2);
  CHECK(zones.latest("bob") == trust_zone::isolated);
}

TEST_SUITE_END();
