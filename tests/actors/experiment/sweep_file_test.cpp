#include "actors/experiment/sweep_file.hpp"

#include "actors/experiment/experiment_file.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace starling;
using namespace starling::experiment;

namespace {

const auto head = std::string{"[experiment]\nname = \"x\"\ndata = \"../d\"\n"
                              "seed = 5\n"};

sweep_plan plan_of(const std::string& text) {
  auto got = parse_sweep(text, "dir/x.toml");
  REQUIRE_MESSAGE(got, got.error().text);
  return std::move(*got);
}

failure error_of(const std::string& text) {
  const auto got = parse_sweep(text, "dir/x.toml");
  REQUIRE(!got);
  CHECK(got.error().text.find("dir/x.toml") != std::string::npos);
  return got.error();
}

} // namespace

TEST_SUITE_BEGIN("experiment/sweep_file");

TEST_CASE("every combination is a run, the last axis first, then repeats") {
  const auto plan = plan_of(head
                            + "[sweep]\nrepeats = 2\n[sweep.axes]\n"
                              "\"poison.share\" = [0.0, 0.25]\n"
                              "detector.name = [\"flock\", \"pca\"]\n");
  CHECK(plan.name == "x");
  CHECK(plan.data == "d");
  REQUIRE(plan.axes.size() == 2);
  CHECK(plan.axes[0].key == "poison.share");
  CHECK(plan.axes[0].values == std::vector<std::string>{"0", "0.25"});
  CHECK(plan.axes[1].key == "detector.name");
  REQUIRE(plan.runs.size() == 8);
  CHECK(plan.runs[0].cell == std::vector<size_t>{0, 0});
  CHECK(plan.runs[1].repeat == 1);
  CHECK(plan.runs[2].cell == std::vector<size_t>{0, 1});
  CHECK(plan.runs[7].cell == std::vector<size_t>{1, 1});
  auto texts = std::set<std::string>{};
  for (const auto& run : plan.runs) {
    texts.insert(run.text);
    const auto options = parse_experiment(run.text, "x.toml");
    REQUIRE(options);
    CHECK(options->detector.name == plan.axes[1].values[run.cell[1]]);
    CHECK(options->poison.share == (run.cell[0] == 0 ? 0.0 : 0.25));
    CHECK(options->seed == 5 + run.repeat);
    CHECK(options->poison.seed == 1 + run.repeat);
    CHECK(options->inject.seed == 1 + run.repeat);
    CHECK(options->data.empty());
    CHECK(run.seed == options->seed);
  }
  CHECK(texts.size() == 8);
}

TEST_CASE("a file without axes has one cell") {
  CHECK(plan_of(head).runs.size() == 1);
  CHECK(plan_of(head + "[sweep]\nrepeats = 3\n").runs.size() == 3);
}

TEST_CASE("what changes no figure changes no run") {
  const auto one = plan_of(head + "[sweep]\nrepeats = 1\n");
  const auto two = plan_of("# elsewhere\nexperiment = { seed = 5, name = 'x', "
                           "data = \"/srv\" }\n[cluster]\nrunning = true\n");
  CHECK(two.on_cluster);
  CHECK(one.runs[0].text == two.runs[0].text);
}

TEST_CASE("parameters of the detector can be swept") {
  const auto plan
    = plan_of(head
              + "[sweep.axes]\n\"detector.parameters.smoothing_rows\" = [0, "
                "12]\n");
  CHECK(parse_experiment(plan.runs[1].text, "x")
          ->detector.parameters.at("smoothing_rows")
        == 12.0);
}

TEST_CASE("the files that ship as examples can be read") {
  const auto folder = starling::test::source_folder() / "examples/experiments";
  const auto injected = load_sweep(folder / "injected.toml");
  REQUIRE_MESSAGE(injected, injected.error().text);
  CHECK(injected->runs.size() == 8 * 3 * 3);
  const auto detectors = load_sweep(folder / "detectors.toml");
  REQUIRE_MESSAGE(detectors, detectors.error().text);
  CHECK(detectors->runs.size() == 3);
}

TEST_CASE("axes are checked before anything runs") {
  const auto axes = head + "[sweep.axes]\n";
  const auto unknown = error_of(axes + "\"detector.nam\" = [\"pca\"]\n");
  CHECK(unknown.text.find("'nam'") != std::string::npos);
  CHECK(unknown.text.find("detector.nam = pca") != std::string::npos);
  CHECK(error_of(axes + "\"inject.kind\" = [\"spike\", \"spikes\"]\n")
          .text.find("inject.kind = spikes")
        != std::string::npos);
  CHECK(error_of(axes + "a = 1\n").text.find(":6") != std::string::npos);
  CHECK(error_of(axes + "a = []\n").code == ec::invalid_option);
  CHECK(error_of(axes + "\"poison.share\" = [0, 0.0]\n").text.find("twice")
        != std::string::npos);
  CHECK(error_of(axes + "\"poison.share\" = [0]\npoison.share = [1]\n")
          .text.find("twice")
        != std::string::npos);
  CHECK(error_of(axes + "\"cluster.nodes\" = [1, 2]\n").code
        == ec::invalid_option);
  CHECK(error_of(head + "[sweep]\nrepeats = 0\n").text.find("repeats")
        != std::string::npos);
  CHECK(error_of(head + "[sweep]\nrepeat = 3\n").text.find("repeat")
        != std::string::npos);
  CHECK(error_of(head
                 + "[sweep]\nrepeats = 2\naxes = { \"inject.seed\" = [1, 2] "
                   "}\n")
          .text.find("seed")
        != std::string::npos);
}

TEST_CASE("a sweep is bounded") {
  auto text = head
              + "[sweep]\nrepeats = 1000\n[sweep.axes]\n\"detector."
                "parameters.a\" = [";
  for (auto i = 0; i < 11; ++i)
    text += std::to_string(i) + ",";
  CHECK(error_of(text + "]\n").code == ec::limit_reached);
}

TEST_SUITE_END();
