#include "deploy/control/settings_json.hpp"

#include <caf/config_value.hpp>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::control;

TEST_SUITE_BEGIN("deploy/control/settings_json");

TEST_CASE("values of all kinds become options") {
  auto table = to_settings(json{{"on", true},
                                {"count", -3},
                                {"part", 0.5},
                                {"text", "x"},
                                {"list", {1, "two"}},
                                {"inner", {{"deep", 7u}}}});
  REQUIRE(table);
  CHECK(caf::get<bool>((*table)["on"]));
  CHECK(caf::get<int64_t>((*table)["count"]) == -3);
  CHECK(caf::get<double>((*table)["part"]) == 0.5);
  CHECK(caf::get<std::string>((*table)["text"]) == "x");
  CHECK(caf::get<caf::config_value::list>((*table)["list"]).size() == 2);
  const auto& inner = caf::get<caf::settings>((*table)["inner"]);
  CHECK(caf::get<int64_t>(inner.find("deep")->second) == 7);
}

TEST_CASE("what is no option is refused, and named") {
  CHECK_FALSE(to_settings(json::array()));
  auto table = to_settings(json{{"a", {{"b", nullptr}}}});
  REQUIRE_FALSE(table);
  CHECK(table.error().text
        == "option 'a': option 'b': an option can't be null");
  CHECK_FALSE(to_settings(json{{"a", uint64_t{1} << 63}}));
}

TEST_SUITE_END();
