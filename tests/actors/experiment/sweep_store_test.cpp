#include "actors/experiment/sweep_store.hpp"

#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace starling;
using namespace starling::experiment;
using test::temporary_folder;

TEST_SUITE_BEGIN("experiment/sweep_store");

TEST_CASE("a run bears its name once it is whole") {
  const auto folder = temporary_folder{};
  const auto store = sweep_store{folder.path()};
  REQUIRE(store.open());
  const auto part = store.begin("ab12");
  REQUIRE(part);
  std::ofstream{*part / "summary.json"} << "{}";
  CHECK(!store.is_finished("ab12"));
  REQUIRE(store.finish("ab12", "seed = 1\n"));
  CHECK(store.is_finished("ab12"));
  CHECK(test::content_of(folder / "runs/ab12/run.toml") == "seed = 1\n");
  CHECK(!std::filesystem::exists(*part));
  REQUIRE(store.remove("ab12"));
  CHECK(!store.is_finished("ab12"));
}

TEST_CASE("what a broken run left is gone when it begins anew") {
  const auto folder = temporary_folder{};
  const auto store = sweep_store{folder.path()};
  REQUIRE(store.open());
  std::ofstream{*store.begin("ab12") / "half.csv"} << "1,2";
  const auto again = store.begin("ab12");
  REQUIRE(again);
  CHECK(std::filesystem::is_empty(*again));
}

TEST_CASE("a run without a summary is not finished") {
  const auto folder = temporary_folder{};
  const auto store = sweep_store{folder.path()};
  REQUIRE(store.begin("ab12"));
  REQUIRE(store.finish("ab12", ""));
  CHECK(!store.is_finished("ab12"));
  REQUIRE(store.begin("ab12"));
  CHECK(store.finish("ab12", ""));
}

TEST_CASE("an id follows from all that figures depend on") {
  const auto id = run_id("a", "b", "c");
  CHECK(id.size() == 16);
  CHECK(id == run_id("a", "b", "c"));
  CHECK(id != run_id("x", "b", "c"));
  CHECK(id != run_id("a", "x", "c"));
  CHECK(id != run_id("a", "b", "x"));
  CHECK(id != run_id("ab", "", "c"));
}

TEST_CASE("a fingerprint changes with each byte and name") {
  const auto folder = temporary_folder{};
  folder.write("ann.train.csv", "t,a\n0,1\n");
  folder.write("ann.test.csv", "t,label,a\n0,0,1\n");
  const auto first = data_fingerprint(folder.path(), {"ann"});
  REQUIRE(first);
  CHECK(first->size() == 64);
  CHECK(*data_fingerprint(folder.path(), {"ann"}) == *first);
  folder.write("ann.test.csv", "t,label,a\n0,0,2\n");
  CHECK(*data_fingerprint(folder.path(), {"ann"}) != *first);
  const auto missing = data_fingerprint(folder.path(), {"eve"});
  REQUIRE(!missing);
  CHECK(missing.error().code == ec::file_error);
}

TEST_SUITE_END();
