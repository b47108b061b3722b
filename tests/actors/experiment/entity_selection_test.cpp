#include "actors/experiment/entity_selection.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::experiment;

namespace {

const auto names = std::vector<std::string>{"asd-1", "asd-11", "js2-01"};

} // namespace

TEST_SUITE_BEGIN("experiment/entity_selection");

TEST_CASE("stars stand for any text, question marks for one byte") {
  CHECK(matches("asd-11", "asd-*"));
  CHECK(matches("asd-", "asd-*"));
  CHECK(matches("asd-11", "*1"));
  CHECK(matches("asd-11", "a*-*1"));
  CHECK(matches("asd-1", "asd-?"));
  CHECK(matches("", "**"));
  CHECK(!matches("asd-11", "asd-?"));
  CHECK(!matches("asd-1", "ASD-1"));
  CHECK(!matches("asd-1", "sd-1"));
}

TEST_CASE("a pattern made to hurt takes no time") {
  auto pattern = std::string{};
  for (auto i = 0; i < 1000; ++i)
    pattern += "*a";
  CHECK(!matches(std::string(2000, 'a'), pattern + "b"));
}

TEST_CASE("no pattern selects all") {
  CHECK(*select_entities(names, {}) == names);
}

TEST_CASE("each entity is selected once, in the order of the folder") {
  CHECK(*select_entities(names, {"js2-01", "*-1*", "asd-1"}) == names);
  CHECK(*select_entities(names, {"asd-1"})
        == std::vector<std::string>{"asd-1"});
}

TEST_CASE("a pattern that matches nothing is an error") {
  const auto got = select_entities(names, {"asd-*", "smd-*"});
  REQUIRE(!got);
  CHECK(got.error().code == ec::unknown_name);
  CHECK(got.error().text
        == "'smd-*' matches none of the 3 entities; the first is 'asd-1'");
}

TEST_SUITE_END();
