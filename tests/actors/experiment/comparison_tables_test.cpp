#include "actors/experiment/comparison_tables.hpp"

#include "tests/actors/experiment/support/made_runs.hpp"
#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

using namespace starling::experiment;

namespace {

const auto made = *compare(test::make_run_table());

size_t count_of(const std::string& text, std::string_view part) {
  auto out = size_t{0};
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++out;
  return out;
}

} // namespace

TEST_SUITE_BEGIN("experiment/comparison_tables");

TEST_CASE("settings are lines, methods columns, the best is bold") {
  const auto got = setting_table(made, 0, 10);
  CHECK(test::imbalance_of(got) == "");
  CHECK(count_of(got, "class=\"best\"") == 2);
  CHECK(got.find("<td class=\"best\">0.750") != std::string::npos);
  CHECK(got.find("pca, &quot;old&quot;") != std::string::npos);
}

TEST_CASE("long tables say how much they leave out, and where it is") {
  CHECK(setting_table(made, 0, 1).find("1 more in cells.csv")
        != std::string::npos);
  CHECK(pair_table(made, 0, 2).find("1 more in pairs.csv")
        != std::string::npos);
}

TEST_CASE("pairs show what was won and by how much") {
  const auto got = pair_table(made, 0, 10);
  CHECK(test::imbalance_of(got) == "");
  CHECK(count_of(got, "<tr") == 1 + 3);
  CHECK(got.find("-0.350") != std::string::npos);
  CHECK(got.find("flock (share 0)") != std::string::npos);
}

TEST_CASE("cost is one line a method") {
  CHECK(count_of(cost_table(made), "2.5") == 2);
}

TEST_CASE("an axis of numbers lies across, others make plots of their own") {
  auto table = run_table{"x", {"inject.kind", "inject.strength"}, {}};
  for (const auto* kind : {"spike", "drift", "frozen"})
    for (const auto* strength : {"2", "4"})
      table.runs.push_back(
        test::make_run(std::string{kind} + strength, {kind, strength}, 0,
                       {test::make_method("flock", true, {0.2, 0.4})}));
  const auto got = interval_plots(*compare(table), 0);
  REQUIRE(got.size() == 3);
  CHECK(got[1].title == "drift");
  CHECK(got[1].x_name == "inject.strength");
  CHECK(got[1].places == std::vector<std::string>{"2", "4"});
  CHECK(got[1].joined);
  REQUIRE(got[1].series.size() == 1);
  CHECK(got[1].series[0].points[1]->value == doctest::Approx(0.3));
}

TEST_CASE("a run that is missing leaves a gap") {
  auto table = run_table{"x", {"a.b", "a.c"}, {}};
  for (const auto* b : {"1", "2"})
    for (const auto* c : {"x", "y"})
      if (std::string{b} + c != "2y")
        table.runs.push_back(
          test::make_run(std::string{b} + c, {b, c}, 0,
                         {test::make_method("flock", true, {0.2, 0.4})}));
  const auto got = interval_plots(*compare(table), 0);
  REQUIRE(got.size() == 2);
  CHECK(!got[1].series[0].points[1]);
}

TEST_CASE("without axes the methods lie across") {
  auto table = run_table{"x", {}, {}};
  table.runs.push_back(
    test::make_run("a", {}, 0,
                   {test::make_method("flock", true, {0.2, 0.4}),
                    test::make_method("pca", false, {0.1, 0.1})}));
  const auto got = interval_plots(*compare(table), 0);
  REQUIRE(got.size() == 1);
  CHECK(got[0].places == std::vector<std::string>{"flock", "pca"});
  CHECK(!got[0].joined);
  CHECK(got[0].series[1].points[1]->value == doctest::Approx(0.1));
  CHECK(!got[0].series[1].points[0]);
}

TEST_SUITE_END();
