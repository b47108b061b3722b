#include "actors/experiment/comparison_report.hpp"

#include "tests/actors/experiment/support/made_runs.hpp"
#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

using namespace starling::experiment;

namespace {

std::string made_page(const run_table& table,
                      comparison_report_options opts = {}) {
  const auto found = compare(table);
  REQUIRE(found);
  return make_comparison_report(table, *found, opts);
}

} // namespace

TEST_SUITE_BEGIN("experiment/comparison_report");

TEST_CASE("the page is whole, safe and loads nothing") {
  auto table = test::make_run_table();
  table.name = "<script>";
  const auto got = made_page(table);
  CHECK(test::imbalance_of(got) == "");
  CHECK(got.find("<script") == std::string::npos);
  CHECK(got.find("&lt;script&gt;") != std::string::npos);
  CHECK(got.find("src=") == std::string::npos);
  CHECK(got.find("url(") == std::string::npos);
}

TEST_CASE("each run is linked to its own report") {
  auto opts = comparison_report_options{};
  opts.links = {"runs/1/report.html"};
  const auto got = made_page(test::make_run_table(), opts);
  CHECK(got.find("<a href=\"runs/1/report.html\">run-0a</a>")
        != std::string::npos);
}

TEST_CASE("injected anomalies are judged by recall first") {
  auto table = test::make_run_table();
  // Tables come before plots, and lead with what the page is about.
  const auto plain = made_page(table);
  CHECK(plain.find("<h3>AUC-PR</h3>") < plain.find("<h3>VUS-PR</h3>"));
  table.axes = {"inject.strength"};
  const auto injected = made_page(table);
  CHECK(injected.find("<h3>recall at 1 %</h3>")
        < injected.find("<h3>AUC-PR</h3>"));
}

TEST_CASE("single plots stand side by side, many below their measure") {
  auto table = test::make_run_table();
  const auto grids_of = [](const std::string& page) {
    auto out = 0;
    for (auto at = page.find("<div class=\"plots\">"); at != std::string::npos;
         at = page.find("<div class=\"plots\">", at + 1))
      ++out;
    return out;
  };
  CHECK(grids_of(made_page(table)) == 1);
  table.axes.emplace_back("poison.kind");
  for (auto& run : table.runs)
    run.cell.push_back(run.cell[0] == "0" ? "spikes" : "noise");
  CHECK(grids_of(made_page(table)) == 2);
}

TEST_CASE("the page says what its intervals are") {
  auto table = test::make_run_table();
  CHECK(made_page(table).find("Student's t over 2 repeats")
        != std::string::npos);
  std::erase_if(table.runs, [](const auto& run) { return run.repeat > 0; });
  CHECK(made_page(table).find("bootstrap over entities") != std::string::npos);
}

TEST_CASE("what is too long is cut and counted") {
  auto opts = comparison_report_options{};
  opts.lines_max = 1;
  opts.plots_max = 0;
  auto table = test::make_run_table();
  table.axes.emplace_back("poison.kind");
  for (auto& run : table.runs)
    run.cell.push_back(run.cell[0] == "0" ? "spikes" : "noise");
  const auto got = made_page(table, opts);
  CHECK(got.find("3 more in runs.csv") != std::string::npos);
  CHECK(got.find("2 more are not drawn") != std::string::npos);
}

TEST_CASE("the same runs give the same bytes") {
  CHECK(made_page(test::make_run_table()) == made_page(test::make_run_table()));
}

TEST_SUITE_END();
