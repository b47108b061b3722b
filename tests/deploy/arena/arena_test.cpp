#include "deploy/arena/arena.hpp"

#include "deploy/arena/arena_file.hpp"
#include "deploy/arena/arena_report.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace starling;
using namespace starling::arena;

namespace {

arena_options small() {
  auto opts = arena_options{};
  opts.agents = 24;
  opts.nodes = 12;
  opts.witnesses = 7;
  opts.observers = 4;
  opts.features = 3;
  opts.kinds = 2;
  opts.train_rows = 400;
  opts.rows = 48;
  opts.epoch_rows = 24;
  opts.detector = "robust-z";
  opts.shares = {0.25};
  opts.runs = 2;
  opts.tree.nodes = {20};
  opts.tree.trials = 2;
  return opts;
}

arena_result run(const arena_options& opts) {
  auto made = run_arena(opts);
  REQUIRE_MESSAGE(made, made.error().text);
  return std::move(*made);
}

const arena_cell& cell_of(const arena_result& from, std::string_view attack) {
  const auto found = std::ranges::find(from.cells, attack, &arena_cell::attack);
  REQUIRE(found != from.cells.end());
  return *found;
}

} // namespace

TEST_SUITE_BEGIN("deploy/arena");

TEST_CASE("every attack meets every share of liars, always the same way") {
  auto calls = size_t{0};
  const auto opts = small();
  const auto made = run_arena(opts, [&](size_t done, size_t all) {
    ++calls;
    CHECK(done == calls);
    CHECK(all == 2 * 8 + 1);
  });
  REQUIRE(made);
  CHECK(calls == 17);
  CHECK(made->cells.size() == 8);
  // One tree, seven trees, and committees with a third of each.
  CHECK(made->trees.size() == 7);
  CHECK(cells_csv(*made) == cells_csv(run(opts)));
}

TEST_CASE("what attacks do not touch stays as it was") {
  auto opts = small();
  opts.attacks = {"lying-summaries", "slow-poison", "framing"};
  const auto result = run(opts);
  // Nobody's rows change, so that liars are cut off as often as by chance.
  const auto& liars = cell_of(result, "lying-summaries");
  CHECK(liars.liars_cut.mean == liars.liars_chance.mean);
  CHECK(liars.honest_framed.mean == 0.0);
  CHECK(cell_of(result, "slow-poison").honest_framed.mean == 0.0);
  CHECK(cell_of(result, "framing").liars_cut.mean == liars.liars_chance.mean);
}

TEST_CASE("wild agents are cut off, and the framed only where liars have the "
          "majority") {
  auto opts = small();
  opts.attacks = {"collusion", "framing"};
  opts.parameters["collusion"] = {{"strength", 50}, {"features", 1}};
  opts.parameters["framing"] = {{"targets", 1}};
  opts.shares = {0.1, 0.8};
  const auto result = run(opts);
  REQUIRE(result.cells.size() == 4);
  CHECK(result.cells[0].liars_cut.mean >= 0.75);
  CHECK(result.cells[0].liars_time.mean > 0.1);
  CHECK(result.cells[0].delay_rows.mean < 5.0);
  CHECK(result.cells[2].honest_framed.mean == 0.0);
  CHECK(result.cells[3].honest_framed.mean > 0.3);
  CHECK(holds(result.cells[2]));
  CHECK_FALSE(holds(result.cells[3]));
}

TEST_CASE(
  "lies about summaries move an honest agent's standing, by more the more "
  "lie") {
  auto opts = small();
  opts.attacks = {"lying-summaries"};
  opts.shares = {0.0, 0.25, 0.8};
  const auto result = run(opts);
  const auto off
    = [&](size_t cell) { return result.cells[cell].standing_error_mean.mean; };
  // Twelve nodes are one committee, and nothing is lost of 12 figures.
  CHECK(off(0) < 0.01);
  CHECK(off(1) > 0.05);
  CHECK(off(1) < 1.0);
  CHECK(off(2) > 10.0);
  CHECK(result.cells[1].standing_error_worst >= off(1));
}

TEST_CASE("recorded rows can be used in place of made-up ones") {
  auto opts = small();
  opts.data = test::source_folder() / "examples/data";
  opts.attacks = {"silence"};
  opts.train_rows = 300;
  opts.runs = 1;
  CHECK(run(opts).cells.size() == 1);
  opts.train_rows = 900'000;
  const auto failed = run_arena(opts);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == ec::invalid_option);
}

// Student's t for four degrees of freedom is 2.776; the deviation of 1 to 5 is
// sqrt(2.5).
TEST_CASE("means come with their 95 % confidence") {
  const auto made = estimate_of({1, 2, 3, 4, 5});
  CHECK(made.mean == doctest::Approx(3.0));
  CHECK(made.margin == doctest::Approx(2.776 * std::sqrt(2.5 / 5.0)));
  CHECK(estimate_of({7}).margin == 0.0);
  CHECK(estimate_of({}).runs == 0);
}

TEST_CASE("results are written as tables and as a page of their own") {
  auto opts = small();
  opts.attacks = {"framing"};
  opts.name = "<b>";
  const auto result = run(opts);
  const auto folder = test::scratch_folder{};
  REQUIRE(write_arena(folder / "out", result));
  for (const auto* name :
       {"cells.csv", "trees.csv", "arena.json", "report.html"})
    CHECK(std::filesystem::file_size(folder / "out" / name) > 100);
  const auto page = arena_page(result);
  CHECK(page.find("<b>") == std::string::npos);
  CHECK(page.find("http://") == std::string::npos);
  const auto csv = cells_csv(result);
  CHECK(std::ranges::count(csv, '\n') == 2);
  const auto line = csv.substr(0, csv.find('\n'));
  const auto cells = csv.substr(csv.find('\n') + 1);
  CHECK(std::ranges::count(line, ',') == std::ranges::count(cells, ','));
  CHECK(to_json(result).at("cells").size() == 1);
}

TEST_CASE("an unknown attack, or a parameter that it lacks, is an error") {
  auto opts = small();
  opts.attacks = {"rhetoric"};
  CHECK(run_arena(opts).error().code == ec::unknown_name);
  opts.attacks = {};
  opts.parameters["framing"] = {{"lie", 1.0}};
  CHECK(run_arena(opts).error().code == ec::invalid_option);
}

TEST_CASE("the arena file that ships says what the defaults are") {
  const auto shipped
    = load_arena(test::source_folder() / "examples/experiments/byzantine.toml");
  REQUIRE_MESSAGE(shipped, shipped.error().text);
  const auto defaults = arena_options{};
  CHECK(shipped->name == defaults.name);
  CHECK(shipped->agents == defaults.agents);
  CHECK(shipped->nodes == defaults.nodes);
  CHECK(shipped->witnesses == defaults.witnesses);
  CHECK(shipped->observers == defaults.observers);
  CHECK(shipped->features == defaults.features);
  CHECK(shipped->kinds == defaults.kinds);
  CHECK(shipped->train_rows == defaults.train_rows);
  CHECK(shipped->rows == defaults.rows);
  CHECK(shipped->row_interval == defaults.row_interval);
  CHECK(shipped->truths == defaults.truths);
  CHECK(shipped->check_rows == defaults.check_rows);
  CHECK(shipped->epoch_rows == defaults.epoch_rows);
  CHECK(shipped->detector == defaults.detector);
  CHECK(shipped->shares == defaults.shares);
  CHECK(shipped->attacks == defaults.attacks);
  CHECK(shipped->runs == defaults.runs);
  CHECK(shipped->seed == defaults.seed);
  CHECK(shipped->data == defaults.data);
  CHECK(shipped->tree.fanout == defaults.tree.fanout);
  CHECK(shipped->tree.committee == defaults.tree.committee);
  CHECK(shipped->tree.check_deviations == defaults.tree.check_deviations);
  CHECK(shipped->tree.nodes == defaults.tree.nodes);
  CHECK(shipped->tree.trials == defaults.tree.trials);
}

TEST_CASE("wrong values are named with their place") {
  const auto error_of = [](std::string_view text) {
    const auto got = parse_arena(text, "dir/x.toml");
    REQUIRE_FALSE(got);
    CHECK(got.error().code == ec::invalid_option);
    return got.error().text;
  };
  CHECK(error_of("[arena]\nliars = [\"120 %\"]\n").find("x.toml:2")
        != std::string::npos);
  CHECK(error_of("[arena]\nagentz = 3\n").find("agents") != std::string::npos);
  CHECK(error_of("[tree]\nnodes = [\"many\"]\n").find("512")
        != std::string::npos);
  CHECK(error_of("[attack.framing]\ntargets = 2\n").find("targets")
        != std::string::npos);
  CHECK(error_of("[attack.flattery]\nlie = 2\n").find("flattery")
        != std::string::npos);
  const auto good = parse_arena(
    "[arena]\ndata = \"../d\"\nliars = [\"5%\", \"0.5\"]\n", "dir/x.toml");
  REQUIRE(good);
  CHECK(good->shares == std::vector{0.05, 0.5});
  CHECK(good->data == "d");
}

TEST_SUITE_END();
