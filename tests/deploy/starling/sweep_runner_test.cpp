#include "deploy/starling/sweep_runner.hpp"

#include "actors/experiment/comparison_files.hpp"
#include "actors/experiment/experiment_file.hpp"
#include "actors/experiment/report.hpp"
#include "actors/experiment/sweep_store.hpp"
#include "tests/actors/experiment/support/made_scores.hpp"
#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <set>

using namespace starling;
using namespace starling::cli;
namespace fs = std::filesystem;

namespace {

const auto two_by_two = R"([experiment]
name = "x"
[sweep]
repeats = 2
[sweep.axes]
"poison.share" = [0, 0.5]
)";

/// Data, a plan of four runs, and a runner that makes results up.
struct fixture {
  test::scratch_folder place;
  experiment::sweep_plan plan = *experiment::parse_sweep(two_by_two, "x.toml");
  sweep_request asked;
  std::mutex mutex;
  std::vector<std::string> ran;
  /// Runs whose text contains this fail.
  std::string broken;
  ec broken_code = ec::malformed_input;
  std::vector<std::pair<size_t, size_t>> told;

  fixture() {
    fs::create_directories(place / "data");
    write("data/ann.train.csv", "t,a\n0,1\n");
    write("data/ann.test.csv", "t,label,a\n0,0,1\n");
    asked.file = place / "x.toml";
    asked.data = place / "data";
    asked.out = place / "out";
    asked.jobs = 3;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{place / name} << text;
  }

  result<void> run_one(const run_experiment& job) {
    {
      const auto guard = std::lock_guard{mutex};
      ran.push_back(job.text);
    }
    if (!broken.empty() && job.text.find(broken) != std::string::npos)
      return failure{broken_code, "no node is left"};
    const auto options = experiment::parse_experiment(job.text, "x.toml");
    auto made = experiment::test::make_result();
    made.seed = options->seed;
    // Something that depends on options and seed.
    for (auto& entity : made.entities)
      entity.scores[3]
        += options->poison.share + static_cast<double>(made.seed);
    if (auto done = experiment::write_report(job.out_dir, made); !done)
      return done.error();
    return {};
  }

  result<sweep_outcome> sweep() {
    ran.clear();
    told.clear();
    return run_sweep(
      plan, asked,
      [this](const run_experiment& job, size_t, size_t) {
        return run_one(job);
      },
      [this](size_t done, size_t all) { told.emplace_back(done, all); });
  }
};

/// All that is written of an outcome and repeats.
std::string tables_of(const sweep_outcome& x) {
  const auto found = experiment::compare(x.table);
  REQUIRE(found);
  return experiment::runs_csv(x.table) + experiment::entities_csv(x.table)
         + experiment::cells_csv(*found) + experiment::pairs_csv(*found)
         + experiment::comparison_json(x.table, *found);
}

} // namespace

TEST_SUITE_BEGIN("deploy/starling/sweep_runner");

TEST_CASE_FIXTURE(fixture, "each run is run once, and again only if asked") {
  const auto first = sweep();
  REQUIRE_MESSAGE(first, first.error().text);
  CHECK(std::set<std::string>(ran.begin(), ran.end()).size() == 4);
  CHECK(first->table.runs.size() == 4);
  CHECK(first->table.runs[3].cell == std::vector<std::string>{"0.5"});
  CHECK(first->table.runs[3].repeat == 1);
  CHECK(first->table.runs[3].seed == 2);
  CHECK(first->reused == 0);
  CHECK(first->links[0] == "runs/" + first->table.runs[0].id + "/report.html");
  CHECK(told.back() == std::pair{size_t{4}, size_t{4}});
  const auto second = sweep();
  REQUIRE(second);
  CHECK(ran.empty());
  CHECK(second->reused == 4);
  CHECK(tables_of(*first) == tables_of(*second));
  asked.fresh = true;
  REQUIRE(sweep());
  CHECK(ran.size() == 4);
}

TEST_CASE_FIXTURE(fixture, "the same seed gives the same bytes") {
  const auto one = sweep();
  asked.out = place / "elsewhere";
  asked.jobs = 1;
  const auto two = sweep();
  REQUIRE(one);
  REQUIRE(two);
  CHECK(ran.size() == 4);
  CHECK(tables_of(*one) == tables_of(*two));
}

TEST_CASE_FIXTURE(fixture, "other data or options make other runs") {
  REQUIRE(sweep());
  write("data/ann.test.csv", "t,label,a\n0,1,1\n");
  REQUIRE(sweep());
  CHECK(ran.size() == 4);
  // One more repeat: the runs that are there stay.
  auto text = std::string{two_by_two};
  text.replace(text.find("repeats = 2"), 11, "repeats = 3");
  plan = *experiment::parse_sweep(text, "x.toml");
  const auto more = sweep();
  REQUIRE(more);
  CHECK(ran.size() == 2);
  CHECK(more->reused == 4);
}

TEST_CASE_FIXTURE(fixture, "a half-written run is run again") {
  const auto first = sweep();
  REQUIRE(first);
  const auto id = first->table.runs[1].id;
  const auto folder = asked.out / "runs" / id;
  // As if it had been killed while it wrote.
  fs::remove(folder / "run.toml");
  fs::rename(folder, asked.out / "runs" / ("." + id + ".part"));
  const auto second = sweep();
  REQUIRE(second);
  CHECK(ran.size() == 1);
  CHECK(second->reused == 3);
  CHECK(tables_of(*first) == tables_of(*second));
}

TEST_CASE_FIXTURE(fixture, "a run that fails is told and tried again later") {
  broken = "poison.share = 0.5";
  const auto first = sweep();
  REQUIRE(first);
  CHECK(first->table.runs.size() == 2);
  REQUIRE(first->failed.size() == 2);
  CHECK(first->failed[0].run == 2);
  CHECK(first->failed[0].reason.text == "no node is left");
  broken.clear();
  const auto second = sweep();
  REQUIRE(second);
  CHECK(ran.size() == 2);
  CHECK(second->failed.empty());
}

TEST_CASE_FIXTURE(fixture, "what time or nodes may mend is tried thrice") {
  broken = "poison.share = 0.5";
  broken_code = ec::timed_out;
  const auto got = sweep();
  REQUIRE(got);
  CHECK(got->failed.size() == 2);
  CHECK(ran.size() == 2 + 2 * 3);
}

TEST_CASE_FIXTURE(fixture, "a sweep in which all fails ends soon") {
  plan = *experiment::parse_sweep("[experiment]\nname = 'x'\n[sweep]\nrepeats "
                                  "= 100\n",
                                  "x.toml");
  broken = "experiment";
  asked.jobs = 1;
  const auto got = sweep();
  REQUIRE(got);
  CHECK(got->failed.size() == failures_max);
}

TEST_CASE_FIXTURE(fixture, "a lean sweep keeps the summaries alone") {
  asked.lean = true;
  const auto got = sweep();
  REQUIRE(got);
  const auto folder = asked.out / "runs" / got->table.runs[0].id;
  CHECK(fs::exists(folder / "summary.json"));
  CHECK(!fs::exists(folder / "scores.csv"));
  CHECK(got->links[0].empty());
  REQUIRE(sweep());
  CHECK(ran.empty());
}

TEST_CASE_FIXTURE(fixture, "two sweeps don't share a folder at a time") {
  fs::create_directories(asked.out);
  const auto fd = ::open((asked.out / ".lock").c_str(), O_CREAT | O_RDWR, 0644);
  REQUIRE(::flock(fd, LOCK_EX | LOCK_NB) == 0);
  const auto got = sweep();
  REQUIRE(!got);
  CHECK(got.error().code == ec::wrong_state);
  ::close(fd);
  CHECK(sweep());
}

TEST_SUITE_END();
