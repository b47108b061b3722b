#include "runtime/config/nearest_key.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling::config;

TEST_SUITE_BEGIN("config/nearest_key");

// Textbook cases: kitten/sitting (3) and Saturday/Sunday (3) from Wagner and
// Fischer's algorithm; ca/abc is 3 in optimal string alignment, where the
// unrestricted distance is 2 (Boytsov, section 2.2).
TEST_CASE("the distance counts edits, with a swap as one") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("Saturday", "Sunday") == 3);
  CHECK(edit_distance("ca", "abc") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("the nearest key is the one at the smallest distance") {
  const auto known = std::vector<std::string>{
    "heartbeat_interval", "discovery_interval", "max_peers"};
  CHECK(nearest_key("hearbeat_interval", known) == "heartbeat_interval");
  CHECK(nearest_key("maxpeers", known) == "max_peers");
  CHECK(nearest_key("mxa_peers", known) == "max_peers");
}

TEST_CASE("what resembles no key gets no suggestion") {
  CHECK(!nearest_key("colour", {"max_peers", "name"}));
  CHECK(!nearest_key("x", {}));
  CHECK(nearest_key("nme", {"same", "name"}) == "name");
}

TEST_CASE("a hostile key costs nothing") {
  CHECK(!nearest_key(std::string(1'000'000, 'a'), {"name"}));
}

TEST_SUITE_END();
