#include "actors/experiment/comparison_files.hpp"

#include "tests/actors/experiment/support/made_runs.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

using namespace starling::experiment;
using nlohmann::json;

namespace {

size_t lines_of(const std::string& text) {
  return static_cast<size_t>(std::ranges::count(text, '\n'));
}

std::string line_of(const std::string& text, size_t index) {
  auto begin = size_t{0};
  for (; index > 0; --index)
    begin = text.find('\n', begin) + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

} // namespace

TEST_SUITE_BEGIN("experiment/comparison_files");

TEST_CASE("runs are a line a method, names quoted where they must be") {
  const auto got = runs_csv(test::make_run_table());
  CHECK(lines_of(got) == 1 + 4 * 2);
  CHECK(line_of(got, 0)
        == "run,poison.share,repeat,seed,method,role,entities,auc_pr,vus_pr,"
           "auc_roc,best_f1,recall_1,smooth_auc_pr,smooth_vus_pr,"
           "smooth_auc_roc,smooth_best_f1,smooth_recall_1");
  CHECK(line_of(got, 2)
        == "run-0a,0,0,1,\"pca, \"\"old\"\"\",baseline,2,0.4,0.4,0.4,0.4,0.4,"
           "0.2,0.2,0.2,0.2,0.2");
}

TEST_CASE("entities are a line each, undefined values are empty") {
  auto table = test::make_run_table();
  table.runs[0].methods[0].raw[1].auc_pr
    = std::numeric_limits<double>::quiet_NaN();
  const auto got = entities_csv(table);
  CHECK(lines_of(got) == 1 + 4 * 2 * 2);
  CHECK(line_of(got, 2).starts_with("run-0a,0,0,flock,e-1,,0.6"));
}

TEST_CASE("cells are a line a measure, with both intervals") {
  const auto table = test::make_run_table();
  const auto got = cells_csv(*compare(table));
  CHECK(lines_of(got) == 1 + 4 * 10);
  CHECK(line_of(got, 0)
        == "poison.share,method,measure,mean,sd,n,ci_low,ci_high,ci_kind,"
           "entities,entity_low,entity_high");
  CHECK(line_of(got, 1).starts_with("0,flock,auc_pr,0.75,"));
  CHECK(line_of(got, 1).find(",t,2,") != std::string::npos);
}

TEST_CASE("pairs name both cells") {
  const auto got = pairs_csv(*compare(test::make_run_table()));
  CHECK(lines_of(got) == 1 + 3 * 10);
  CHECK(line_of(got, 0)
        == "poison.share,method,reference_poison.share,reference_method,"
           "measure,wins,ties,losses,mean_difference,ci_low,ci_high,p");
  CHECK(line_of(got, 21).starts_with("0.2,flock,0,flock,auc_pr,0,0,2,"));
}

TEST_CASE("costs stand apart") {
  const auto table = test::make_run_table();
  CHECK(line_of(costs_csv(table), 1) == "run-0a,flock,2.5");
  CHECK(runs_csv(table).find("2.5") == std::string::npos);
}

TEST_CASE("JSON says the same") {
  const auto table = test::make_run_table();
  const auto found = compare(table);
  const auto got = json::parse(comparison_json(table, *found));
  CHECK(got["axes"] == json::array({"poison.share"}));
  CHECK(got["runs"].size() == 4);
  CHECK(got["runs"][0]["methods"][1]["auc_pr"] == 0.4);
  CHECK(got["cells"].size() == 4);
  CHECK(got["cells"][0]["measures"]["auc_pr"]["mean"]
        == found->figures[0][0].repeats.mean);
  CHECK(got["cells"][0]["measures"]["auc_pr"]["ci_kind"] == "t");
  CHECK(got["pairs"].size() == 30);
  CHECK(got["pairs"][0]["reference"]["method"] == "flock");
}

TEST_CASE("the same runs give the same bytes") {
  const auto one = test::make_run_table();
  const auto two = test::make_run_table();
  CHECK(comparison_json(one, *compare(one))
        == comparison_json(two, *compare(two)));
  CHECK(cells_csv(*compare(one)) == cells_csv(*compare(two)));
}

TEST_SUITE_END();
