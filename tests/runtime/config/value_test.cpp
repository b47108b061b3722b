#include "runtime/config/value.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling::config;

TEST_SUITE_BEGIN("config/value");

// Spellings after TOML 1.0.0, sections String, Integer, Float, Array.
TEST_CASE("values are written as TOML spells them") {
  CHECK(to_toml(value{true}) == "true");
  CHECK(to_toml(value{int64_t{-42}}) == "-42");
  CHECK(to_toml(value{std::string{"a"}}) == "\"a\"");
  CHECK(to_toml(value{std::vector<std::string>{"a", "b\""}})
        == R"(["a", "b\""])");
  CHECK(to_toml(value{std::vector<std::string>{}}) == "[]");
}

TEST_CASE("a float always looks like one") {
  CHECK(to_toml(3.0) == "3.0");
  CHECK(to_toml(0.1) == "0.1");
  CHECK(to_toml(1e300) == "1e+300");
  CHECK(to_toml(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(to_toml(std::numeric_limits<double>::quiet_NaN()) == "nan");
}

TEST_CASE("control characters, quotes and backslashes are escaped") {
  CHECK(quoted("a\\b\"c\nd\te\x7f") == R"("a\\b\"c\nd\u0009e\u007F")");
  CHECK(quoted("Zürich") == "\"Zürich\"");
}

TEST_CASE("a text is shortened between characters") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "abc");
  CHECK(shortened("Zürich", 2) == "Z");
  CHECK(shortened("Zürich", 3) == "Zü");
}

TEST_CASE("keys are bare where that is allowed") {
  CHECK(key_text("max_peers-2") == "max_peers-2");
  CHECK(key_text("a.b") == "\"a.b\"");
  CHECK(key_text("") == "\"\"");
}

TEST_SUITE_END();
