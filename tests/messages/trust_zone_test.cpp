#include "messages/zone.hpp"

#include <doctest/doctest.h>

using namespace starling;

TEST_SUITE_BEGIN("messages/trust_zone");

TEST_CASE("the numbers that travel between nodes do not move") {
  CHECK(static_cast<int>(trust_zone::trusted) == 0);
  CHECK(static_cast<int>(trust_zone::monitored) == 1);
  CHECK(static_cast<int>(trust_zone::quarantined) == 2);
  CHECK(static_cast<int>(trust_zone::isolated) == 3);
}

TEST_CASE("quarantine and isolation cut off, the other zones do not") {
  CHECK_FALSE(is_cut_off(trust_zone::trusted));
  CHECK_FALSE(is_cut_off(trust_zone::monitored));
  CHECK(is_cut_off(trust_zone::quarantined));
  CHECK(is_cut_off(trust_zone::isolated));
}

TEST_CASE("a zone is read back from its name, and a number beyond is refused") {
  auto zone = trust_zone::trusted;
  CHECK(from_string("ISOLATED", zone));
  CHECK(zone == trust_zone::isolated);
  CHECK(to_string(zone) == "ISOLATED");
  CHECK_FALSE(from_string("FREE", zone));
  CHECK_FALSE(from_integer(4, zone));
}

TEST_SUITE_END();
