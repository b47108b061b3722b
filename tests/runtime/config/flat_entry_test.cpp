#include "runtime/config/flat_entry.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::config;

namespace {

std::vector<flat_entry> entries_of(const std::string& text) {
  const auto doc = document::parse(text, "x.toml");
  REQUIRE(doc);
  auto got = flattened(*doc);
  REQUIRE_MESSAGE(got, got.error().text);
  return std::move(*got);
}

} // namespace

TEST_SUITE_BEGIN("config/flat_entry");

TEST_CASE("each value comes with its keys, in the order of the file") {
  const auto got
    = entries_of("[b]\nx = 1\nmap = { z = true, y = 0.5 }\n[a]\n\"c.d\" = "
                 "[\"one\", 2]\nempty = {}\n");
  REQUIRE(got.size() == 4);
  CHECK(got[0].path == std::vector<std::string>{"b", "x"});
  CHECK(got[0].items == std::vector<value>{int64_t{1}});
  CHECK(got[0].line == 2);
  CHECK(!got[0].is_array);
  CHECK(got[1].path == std::vector<std::string>{"b", "map", "z"});
  CHECK(got[2].items == std::vector<value>{0.5});
  CHECK(got[3].path == std::vector<std::string>{"a", "c.d"});
  CHECK(got[3].is_array);
  CHECK(got[3].items == std::vector<value>{std::string{"one"}, int64_t{2}});
}

TEST_CASE("the same entries in any order give the same file") {
  const auto one
    = to_toml(entries_of("[a]\nx = 1\ny = \"\\\"\"\n[b.\"c d\"]\nz = "
                         "[1, 2]\n"));
  const auto two = to_toml(
    entries_of("b = {\"c d\" = { z = [1, 2] }}\n[a]\ny = '\"'\nx = 1\n"));
  CHECK(one == two);
  CHECK(one == "a.x = 1\na.y = \"\\\"\"\nb.\"c d\".z = [1, 2]\n");
  CHECK(to_toml(entries_of(one)) == one);
}

TEST_CASE("what has no place in a list of values is named with its line") {
  for (const auto* text :
       {"a = 1\nb = 2024-01-01\n", "\nb = [[1], [2]]\n", "\n[[b]]\nc = 1\n"}) {
    const auto doc = document::parse(text, "x.toml");
    REQUIRE(doc);
    const auto got = flattened(*doc);
    REQUIRE(!got);
    CHECK(got.error().code == ec::invalid_option);
    CHECK(got.error().text.find("x.toml:2") != std::string::npos);
    CHECK(got.error().text.find("'b'") != std::string::npos);
  }
}

TEST_SUITE_END();
