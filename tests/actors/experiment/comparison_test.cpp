#include "actors/experiment/comparison.hpp"

#include "tests/actors/experiment/support/made_runs.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace starling;
using namespace starling::experiment;
using test::make_method;
using test::make_run;

TEST_SUITE_BEGIN("experiment/comparison");

// By hand: entities .8 and .6, then .9 and .7: means .7 and .8.
TEST_CASE("repeats make a mean, a deviation and an interval") {
  const auto got = compare(test::make_run_table());
  REQUIRE(got);
  CHECK(got->settings == std::vector<std::vector<std::string>>{{"0"}, {"0.2"}});
  CHECK(got->methods == std::vector<std::string>{"flock", "pca, \"old\""});
  const auto cell = got->find(0, 0);
  REQUIRE(cell);
  const auto& x = got->figures[*cell][0];
  CHECK(x.repeats.mean == doctest::Approx(0.75));
  CHECK(x.repeats.deviation == doctest::Approx(0.1 / std::sqrt(2.0)));
  CHECK(x.repeats.count == 2);
  // t(1) = 12.706 times .1 / sqrt 2 / sqrt 2.
  REQUIRE(x.by_seed);
  CHECK(x.by_seed->high == doctest::Approx(0.75 + 12.706 * 0.05).epsilon(1e-4));
  CHECK(x.entities == 2);
  CHECK(got->cells[*cell].by_entity[0][0] == doctest::Approx(0.85));
  CHECK(got->cells[*cell].micros_per_vector == 2.5);
  // Smoothed ones are half of them.
  CHECK(got->figures[*cell][5].repeats.mean == doctest::Approx(0.375));
  CHECK(!got->find(2, 0));
}

TEST_CASE("single runs get their interval from their entities") {
  auto table = run_table{"x", {}, {}};
  table.runs.push_back(
    make_run("a", {}, 0, {make_method("flock", true, {0.2, 0.4, 0.6})}));
  const auto got = compare(table);
  REQUIRE(got);
  const auto& x = got->figures[0][0];
  CHECK(!x.by_seed);
  REQUIRE(x.by_entity);
  CHECK(x.by_entity->low >= 0.2);
  CHECK(x.by_entity->high <= 0.6);
  CHECK(&x.shown() == &x.by_entity);
  CHECK(got->pairs.empty());
}

TEST_CASE("swept detectors stand side by side, their baselines once") {
  auto table = run_table{"x", {"detector.name", "poison.share"}, {}};
  for (const auto* name : {"flock", "loda"})
    table.runs.push_back(make_run(name, {name, "0"}, 0,
                                  {make_method(name, true, {0.5, 0.6}),
                                   make_method("pca", false, {0.1, 0.2})}));
  const auto got = compare(table);
  REQUIRE(got);
  CHECK(got->axes == std::vector<std::string>{"poison.share"});
  CHECK(got->methods == std::vector<std::string>{"flock", "loda", "pca"});
  CHECK(got->cells.size() == 3);
  CHECK(got->figures[2][0].repeats.count == 1);
}

TEST_CASE("methods are compared within a setting, settings with the first") {
  const auto got = compare(test::make_run_table());
  REQUIRE(got);
  const auto& cells = got->cells;
  auto names = std::vector<std::string>{};
  for (const auto& pair : got->pairs)
    if (pair.measure == 0) {
      const auto& a = cells[pair.cell];
      const auto& b = cells[pair.reference];
      names.push_back(got->methods[a.method].substr(0, 3) + " "
                      + got->settings[a.setting][0] + " / "
                      + got->methods[b.method].substr(0, 3) + " "
                      + got->settings[b.setting][0]);
    }
  CHECK(names
        == std::vector<std::string>{"pca 0 / flo 0", "pca 0.2 / flo 0.2",
                                    "flo 0.2 / flo 0"});
  // .3 and .5 against .85 and .65.
  CHECK(got->pairs[0].found.losses == 2);
  CHECK(got->pairs[0].found.mean_difference == doctest::Approx(-0.35));
}

TEST_CASE("an undefined measure of one entity is left out") {
  auto table = run_table{"x", {}, {}};
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  table.runs.push_back(
    make_run("a", {}, 0, {make_method("flock", true, {0.2, nan, 0.4})}));
  const auto got = compare(table);
  REQUIRE(got);
  CHECK(got->figures[0][0].repeats.mean == doctest::Approx(0.3));
  CHECK(got->figures[0][0].entities == 2);
}

TEST_CASE("repeats of other entities are refused") {
  auto table = test::make_run_table();
  table.runs[1].entities[0] = "other";
  const auto got = compare(table);
  REQUIRE(!got);
  CHECK(got.error().text.find("run-0b") != std::string::npos);
  CHECK(compare(run_table{}).error().code == ec::invalid_option);
}

TEST_SUITE_END();
