#include "actors/experiment/html_table.hpp"

#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

using namespace starling::experiment;

TEST_SUITE_BEGIN("experiment/html_table");

TEST_CASE("a table has a head, rows and the styles of its columns") {
  auto table = html_table{{{"name", "text"}, {"n", ""}}, "Title & more"};
  table.row("own").text("a<b").markup("<b>1</b>", "best");
  table.row().text("c").text("2");
  const auto got = table.done();
  CHECK(test::imbalance_of(got) == "");
  CHECK(got
        == "<div class=\"box\"><h3>Title &amp; more</h3><table><thead><tr>"
           "<th scope=\"col\" class=\"text\">name</th><th scope=\"col\">n</th>"
           "</tr></thead>\n<tbody>"
           "<tr class=\"own\"><td class=\"text\">a&lt;b</td>"
           "<td class=\"best\"><b>1</b></td></tr>\n"
           "<tr><td class=\"text\">c</td><td>2</td></tr></tbody></table>"
           "</div>\n");
}

TEST_CASE("a note takes the whole row") {
  auto table = html_table{{{"a", ""}, {"b", ""}, {"c", ""}}};
  const auto got = table.note("3 more").done();
  CHECK(test::imbalance_of(got) == "");
  CHECK(test::count_of(got, "colspan=\"3\">3 more</td>") == 1);
}

TEST_CASE("a table that scrolls can be reached by keyboard") {
  auto table = html_table{{{"a", ""}}, {}, "tall"};
  const auto got = table.done();
  CHECK(test::imbalance_of(got) == "");
  CHECK(test::count_of(got, "class=\"box tall\" tabindex=\"0\"") == 1);
}

TEST_SUITE_END();
