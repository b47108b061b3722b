#include "actors/experiment/run_table.hpp"

#include "actors/experiment/summary_json.hpp"
#include "tests/actors/experiment/support/made_scores.hpp"
#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::experiment;
using test::temporary_folder;

TEST_SUITE_BEGIN("experiment/run_table");

TEST_CASE("a run is read back as its summary says") {
  const auto folder = temporary_folder{};
  const auto summary = summarise(test::make_result());
  REQUIRE(summary);
  folder.write("summary.json", to_json(*summary));
  const auto got = read_run(folder.path());
  REQUIRE_MESSAGE(got, got.error().text);
  CHECK(got->id == folder.path().filename());
  CHECK(got->seed == 7);
  CHECK(got->entities == std::vector<std::string>{"aa-1", "aa-2", "bb-1"});
  REQUIRE(got->methods.size() == 2);
  CHECK(got->methods[0].name == "formula");
  CHECK(got->methods[0].is_detector);
  CHECK(!got->methods[1].is_detector);
  CHECK(got->methods[1].micros_per_vector == 0.5);
  for (size_t m = 0; m < 2; ++m)
    for (size_t i = 0; i < 3; ++i) {
      const auto& theirs = summary->methods[m].raw.entities[i];
      CHECK(got->methods[m].values(measures()[0])[i] == theirs.auc_pr);
      CHECK(got->methods[m].values(measures()[1])[i] == theirs.vus_pr);
      CHECK(got->methods[m].values(measures()[2])[i] == theirs.auc_roc);
      CHECK(got->methods[m].values(measures()[3])[i] == theirs.best_f1);
      CHECK(got->methods[m].values(measures()[4])[i] == theirs.recall_1);
      CHECK(got->methods[m].values(measures()[5])[i]
            == summary->methods[m].smooth.entities[i].auc_pr);
    }
}

TEST_CASE("undefined figures stay undefined") {
  const auto folder = temporary_folder{};
  auto input = test::make_result();
  for (auto& entity : input.entities)
    std::ranges::fill(entity.labels, uint8_t{0});
  folder.write("summary.json", to_json(*summarise(input)));
  const auto got = read_run(folder.path());
  REQUIRE(got);
  CHECK(std::isnan(got->methods[0].raw[0].auc_pr));
  CHECK(std::isnan(got->methods[0].raw[0].recall_1));
}

TEST_CASE("what is no summary is refused with its name") {
  const auto folder = temporary_folder{};
  CHECK(read_run(folder.path()).error().code == ec::file_error);
  for (const auto* text :
       {"", "[]", "{}", R"({"seed": -1, "methods": 3, "entities": []})",
        R"({"seed": 1, "methods": [], "entities": []})",
        R"({"seed": 1, "methods": [{"name": "a", "role": "detector"}],
            "entities": [{"name": "e", "methods": []}]})"}) {
    folder.write("summary.json", text);
    const auto got = read_run(folder.path());
    REQUIRE(!got);
    CHECK(got.error().code == ec::malformed_input);
    CHECK(got.error().text.find("summary.json") != std::string::npos);
  }
}

TEST_SUITE_END();
