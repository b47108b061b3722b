#include "actors/experiment/summary_json.hpp"

#include "tests/actors/experiment/support/made_scores.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace starling::experiment;
using nlohmann::json;

namespace {

json parsed(const experiment_result& input) {
  const auto summary = summarise(input);
  REQUIRE(summary);
  return json::parse(to_json(*summary));
}

} // namespace

TEST_SUITE_BEGIN("experiment/summary_json");

TEST_CASE("the summary says what was run and what came out") {
  const auto got = parsed(test::make_result());
  CHECK(got["experiment"] == "made");
  CHECK(got["seed"] == 7);
  CHECK(got["started"] == "2024-02-29T13:01:01Z");
  CHECK(got["rows"] == 820);
  CHECK(got["quarantines"] == 2);
  CHECK(got["recoveries"] == 2);
  CHECK(got["nodes"].size() == 2);
  CHECK(got["incidents"][0]["quarantined_after_rows"] == 3);
  CHECK(got["zones"]["families"]["all"]["delay_median_rows"] == 1.0);
}

TEST_CASE("figures keep all their digits") {
  const auto got = parsed(test::make_result());
  const auto& detector = got["methods"][0];
  CHECK(detector["role"] == "detector");
  CHECK(got["methods"][1]["role"] == "baseline");
  const auto pr = detector["raw"]["families"]["bb"]["auc_pr"].get<double>();
  CHECK(std::abs(pr - 0.3203154672662192) < 1e-12);
  CHECK(got["entities"][2]["methods"][0]["raw"]["auc_pr"] == pr);
}

TEST_CASE("undefined figures are null") {
  auto input = test::make_result();
  for (auto& entity : input.entities)
    std::ranges::fill(entity.labels, uint8_t{0});
  const auto got = parsed(input);
  CHECK(got["methods"][0]["raw"]["families"]["all"]["auc_pr"].is_null());
  CHECK(got["zones"]["families"]["all"]["delay_median_rows"].is_null());
}

TEST_CASE("bytes that are no text do no harm") {
  auto input = test::make_result();
  input.name = "bad \xff name\"\n";
  CHECK(parsed(input)["experiment"] == "bad \xef\xbf\xbd name\"\n");
}

TEST_CASE("the same input gives the same bytes") {
  const auto summary = summarise(test::make_result());
  CHECK(to_json(*summary) == to_json(*summarise(test::make_result())));
}

TEST_SUITE_END();
