#include "runtime/config/toml_values.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using namespace starling::config;

namespace {

/// The value of `x` in a line like "x = 1".
struct parsed {
  toml::parse_result tree;

  explicit parsed(std::string_view text) : tree{toml::parse(text)} {
    // nop
  }

  const toml::node& operator*() const {
    return *tree.table().get("x");
  }
};

} // namespace

TEST_SUITE_BEGIN("config/toml_values");

TEST_CASE("integers count as numbers, texts do not") {
  CHECK(number_of(*parsed{"x = 2"}) == 2.0);
  CHECK(number_of(*parsed{"x = 2.5"}) == 2.5);
  CHECK(!number_of(*parsed{"x = \"2\""}));
}

TEST_CASE("durations are texts or whole seconds that nanoseconds can hold") {
  CHECK(duration_of(*parsed{"x = \"2min\""}) == 120s);
  CHECK(duration_of(*parsed{"x = 2"}) == 2s);
  CHECK(duration_of(*parsed{"x = -2"}) == -2s);
  CHECK(!duration_of(*parsed{"x = 9000000001"}));
  CHECK(!duration_of(*parsed{"x = 2.5"}));
  CHECK(!duration_of(*parsed{"x = \"2\""}));
}

TEST_CASE("only rates may end in /s") {
  CHECK(bytes_of(*parsed{"x = \"1kB\""}, false) == 1000);
  CHECK(bytes_of(*parsed{"x = \"1kB/s\""}, true) == 1000);
  CHECK(bytes_of(*parsed{"x = 17"}, true) == 17);
  CHECK(!bytes_of(*parsed{"x = \"1kB/s\""}, false));
  CHECK(!bytes_of(*parsed{"x = -1"}, false));
  CHECK(!bytes_of(*parsed{"x = true"}, false));
}

TEST_CASE("lists and tables must be of one kind") {
  CHECK(strings_of(*parsed{"x = []"})->empty());
  CHECK(!strings_of(*parsed{"x = [\"a\", 1]"}));
  CHECK(!strings_of(*parsed{"x = \"a\""}));
  CHECK(numbers_of(*parsed{"x = { a = 1 }"})->at("a") == 1.0);
  CHECK(!numbers_of(*parsed{"x = { a = true }"}));
  CHECK(values_of(*parsed{"x = { a = true }"})->at("a") == value{true});
  CHECK(!values_of(*parsed{"x = { a = {} }"}));
  CHECK(!values_of(*parsed{"x = { a = [1] }"}));
  CHECK(!values_of(*parsed{"x = { a = 07:32:00 }"}));
}

TEST_CASE("what is shown is short") {
  CHECK(shown(*parsed{"x = \"a\\nb\""}) == "\"a\\nb\"");
  CHECK(shown(*parsed{"x = -3"}) == "-3");
  CHECK(shown(*parsed{"x = 0.5"}) == "0.5");
  CHECK(shown(*parsed{"x = true"}) == "a boolean");
  CHECK(shown(*parsed{"x = {}"}) == "a table");
  CHECK(shown(*parsed{"x = [1]"}) == "an array");
  CHECK(shown(*parsed{"x = 2024-02-29"}) == "a date or time");
  CHECK(shown(*parsed{"x = \"" + std::string(1000, 'a') + "\""}).size() == 62);
}

TEST_SUITE_END();
