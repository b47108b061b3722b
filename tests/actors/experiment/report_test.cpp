#include "actors/experiment/report.hpp"

#include "actors/experiment/scores_table.hpp"
#include "tests/actors/experiment/support/made_scores.hpp"
#include "tests/actors/experiment/support/markup_balance.hpp"
#include "tests/actors/experiment/support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::experiment;
using test::count_of;
using test::imbalance_of;
using test::make_result;

namespace {

std::string report_of(const experiment_result& input,
                      const report_options& opts = {}) {
  const auto summary = summarise(input);
  REQUIRE(summary);
  return make_report(input, *summary, opts);
}

} // namespace

TEST_SUITE_BEGIN("experiment/report");

TEST_CASE("the report is one well-formed page with a plot an entity") {
  const auto got = report_of(make_result());
  CHECK(imbalance_of(got) == "");
  CHECK(got.starts_with("<!doctype html>"));
  CHECK(count_of(got, "<svg ") == 3);
  CHECK(count_of(got, "nan") == 0);
}

TEST_CASE("the page loads nothing and runs nothing") {
  const auto got = report_of(make_result());
  for (auto word :
       {"<script", "<link", "<img", "src=", "@import", "javascript:", "onload"})
    CHECK(count_of(got, word) == 0);
  // The only address is the name of the SVG format.
  CHECK(count_of(got, "http://")
        == count_of(got, "http://www.w3.org/2000/svg"));
  CHECK(count_of(got, "https://") == 0);
  CHECK(count_of(got, "default-src 'none'") == 1);
}

TEST_CASE("every name from outside is escaped") {
  const auto evil = std::string{"\"><script>alert(1)</script>"};
  auto input = make_result();
  input.name = input.detector = input.file = input.data = evil;
  input.baselines[0] = evil;
  for (auto& entity : input.entities) {
    entity.name += evil;
    entity.node = evil;
    for (auto& change : entity.zone_changes)
      change.reason = evil;
  }
  for (auto& event : input.events)
    event = {1, evil, evil, evil, evil, evil, 0.5, evil};
  const auto got = report_of(input);
  CHECK(count_of(got, "<script") == 0);
  CHECK(imbalance_of(got) == "");
}

TEST_CASE("links inside the page lead somewhere") {
  const auto got = report_of(make_result());
  for (auto pos = got.find("href=\"#"); pos != std::string::npos;
       pos = got.find("href=\"#", pos + 1)) {
    const auto id = got.substr(pos + 7, got.find('"', pos + 7) - pos - 7);
    CHECK(count_of(got, "id=\"" + id + "\"") == 1);
  }
}

TEST_CASE("entities beyond plots_max are counted") {
  const auto got = report_of(make_result(), {.plots_max = 1});
  CHECK(count_of(got, "<svg ") == 1);
  CHECK(count_of(got, "2 more entities are not drawn") == 1);
}

TEST_CASE("the command to reproduce survives odd names") {
  auto input = make_result();
  input.file = "my file.toml";
  input.data = "it's";
  const auto got = report_of(input);
  CHECK(count_of(got, "run &#39;my file.toml&#39; --data "
                      "&#39;it&#39;\\&#39;&#39;s&#39; --out OUT")
        == 1);
}

TEST_CASE("the headline compares with the best baseline") {
  auto input = make_result();
  for (auto& entity : input.entities)
    entity.baseline_scores[0] = entity.scores;
  CHECK(count_of(report_of(input), "1.0\u00d7 reverse (0.235)") == 1);
  input.baselines.clear();
  for (auto& entity : input.entities)
    entity.baseline_scores.clear();
  CHECK(count_of(report_of(input), "no baseline was run") == 1);
}

TEST_CASE("a report is four files that agree") {
  const auto folder = test::temporary_folder{};
  const auto input = make_result();
  const auto summary = write_report(folder / "new" / "folder", input);
  REQUIRE(summary);
  const auto scores = read_scores(folder / "new/folder/scores.csv");
  REQUIRE(scores);
  CHECK(scores->size() == 3);
  CHECK(read_events(folder / "new/folder/events.csv")->size() == 2);
  CHECK(test::content_of(folder / "new/folder/report.html")
        == report_of(input));
  CHECK(count_of(test::content_of(folder / "new/folder/summary.json"),
                 "\"experiment\": \"made\"")
        == 1);
}

TEST_CASE("a folder that can't be made is an error") {
  const auto folder = test::temporary_folder{};
  const auto file = folder.write("file", "");
  const auto got = write_report(file / "below", make_result());
  REQUIRE(!got);
  CHECK(got.error().code == ec::file_error);
}

TEST_SUITE_END();
