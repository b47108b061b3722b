#include "actors/experiment/experiment_file.hpp"

#include "tests/actors/experiment/support/temporary_folder.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::experiment;

namespace {

const auto whole = R"(
[experiment]
name = "spine"
data = "../data"
entities = ["asd-*", "js2-01"]
rows_max = 1000
baselines = ["robust-z"]
row_interval = "1min"
rate = 250.5
seed = 7

[detector]
name = "mahalanobis"
parameters = { ridge = 0.001, half_life = 12 }

[zones]
trusted_below = 0.2
monitored_above = 0.7
quarantined_above = 0.9

[cluster]
nodes = 3

[summary_tree]
enabled = false
fanout = 4
committee = 7
epoch_rows = 30
)";

std::string error_of(const std::string& text) {
  const auto got = parse_experiment(text, "dir/x.toml");
  REQUIRE(!got);
  CHECK(got.error().code == ec::invalid_option);
  return got.error().text;
}

const auto head = std::string{"[experiment]\nname = \"x\"\n"};

} // namespace

TEST_SUITE_BEGIN("experiment/experiment_file");

TEST_CASE("every key is read") {
  const auto got = parse_experiment(whole, "dir/sub/x.toml");
  REQUIRE(got);
  CHECK(got->name == "spine");
  CHECK(got->data == "dir/data");
  CHECK(got->entities == std::vector<std::string>{"asd-*", "js2-01"});
  CHECK(got->rows_max == 1000);
  CHECK(got->baselines == std::vector<std::string>{"robust-z"});
  CHECK(got->row_interval == std::chrono::minutes{1});
  CHECK(got->rate == 250.5);
  CHECK(got->seed == 7);
  CHECK(got->detector.name == "mahalanobis");
  CHECK(got->detector.parameters
        == std::map<std::string, double>{{"half_life", 12}, {"ridge", 0.001}});
  CHECK(got->zones.trusted_below == 0.2);
  CHECK(got->zones.monitored_above == 0.7);
  CHECK(got->zones.quarantined_above == 0.9);
  CHECK(!got->cluster.running);
  CHECK(got->cluster.nodes == 3);
  CHECK(!got->summary_tree.enabled);
  CHECK(got->summary_tree.fanout == 4);
  CHECK(got->summary_tree.committee == 7);
  CHECK(got->summary_tree.epoch_rows == 30);
}

// Zones as in DESIGN section 4: .3, .8, .95.
TEST_CASE("a name is enough, the rest has defaults") {
  const auto got = parse_experiment(head, "x.toml");
  REQUIRE(got);
  CHECK(got->data.empty());
  CHECK(got->entities.empty());
  CHECK(got->zones.trusted_below == 0.3);
  CHECK(got->zones.monitored_above == 0.8);
  CHECK(got->zones.quarantined_above == 0.95);
  CHECK(got->cluster.nodes == 5);
  CHECK(got->baselines.size() == 2);
  CHECK(error_of("[experiment]\n").find("name") != std::string::npos);
}

TEST_CASE("what is put into the test rows is read and checked") {
  const auto got
    = parse_experiment(head
                         + "[inject]\nkind = \"drift\"\nstrength = 2\n"
                           "share = 0.1\nseed = 9\n",
                       "x.toml");
  REQUIRE(got);
  CHECK(got->inject
        == injection_choice{
          .kind = "drift", .strength = 2, .share = 0.1, .seed = 9});
  CHECK(error_of(head + "[inject]\nkind = \"drifts\"\n").find("level-shift")
        != std::string::npos);
  CHECK(error_of(head + "[inject]\nshare = 0.5\n").find("share")
        != std::string::npos);
  CHECK(error_of(head + "[inject]\nstrength = 0\n").find("strength")
        != std::string::npos);
}

TEST_CASE("a sweep is not run as a single experiment") {
  CHECK(error_of(head + "[sweep]\nrepeats = 2\n").find("experiment sweep")
        != std::string::npos);
}

TEST_CASE("an absolute data folder stays where it is") {
  const auto got
    = parse_experiment(head + "data = \"/srv/data\"\n", "a/x.toml");
  REQUIRE(got);
  CHECK(got->data == "/srv/data");
}

TEST_CASE("the files that ship as examples can be read") {
  for (const auto* name : {"spine.toml", "servers.toml", "poisoned.toml"}) {
    const auto got = load_experiment(starling::test::source_folder()
                                     / "examples/experiments" / name);
    REQUIRE_MESSAGE(got, got.error().text);
    CHECK(got->row_interval == std::chrono::minutes{5});
  }
}

TEST_CASE("a typing error is named with its line and the nearest key") {
  const auto text = error_of(head + "seeds = 3\n");
  CHECK(text.find("dir/x.toml:3") != std::string::npos);
  CHECK(text.find("'seeds'") != std::string::npos);
  CHECK(text.find("'seed'") != std::string::npos);
}

TEST_CASE("values out of range are refused") {
  CHECK(error_of(head + "[cluster]\nnodes = 0\n").find("nodes")
        != std::string::npos);
  CHECK(error_of(head + "[summary_tree]\nfanout = 1\n").find("fanout")
        != std::string::npos);
  CHECK(error_of(head + "rate = -1\n").find("rate") != std::string::npos);
  CHECK(error_of(head + "row_interval = \"0s\"\n").find("row_interval")
        != std::string::npos);
  CHECK(error_of(head + "seed = \"one\"\n").find("seed") != std::string::npos);
}

TEST_CASE("zones must follow each other") {
  CHECK(error_of(head + "[zones]\nmonitored_above = 0.96\n")
          .find("'monitored_above' must not exceed 'quarantined_above'")
        != std::string::npos);
}

TEST_CASE("a running cluster brings its own nodes") {
  const auto got = parse_experiment(head + "[cluster]\nrunning = true\n", "x");
  REQUIRE(got);
  CHECK(got->cluster.running);
  CHECK(error_of(head + "[cluster]\nrunning = true\nnodes = 2\n").find("nodes")
        != std::string::npos);
}

TEST_CASE("the files that are shipped can be read") {
  const auto folder = starling::test::source_folder() / "examples/experiments";
  for (auto name : {"spine.toml", "servers.toml", "poisoned.toml"}) {
    CAPTURE(name);
    const auto got = load_experiment(folder / name);
    REQUIRE_MESSAGE(got, got.error().text);
    CHECK(!got->name.empty());
  }
  CHECK(std::filesystem::is_directory(
    load_experiment(folder / "spine.toml")->data));
}

TEST_CASE("an absent file is an error") {
  CHECK(load_experiment("absent.toml").error().code == ec::file_error);
}

TEST_CASE(
  "poison is read, and an unknown kind is refused with the known ones") {
  const auto head = std::string{"[experiment]\nname = \"x\"\n[poison]\n"};
  const auto got = parse_experiment(
    head + "share = 0.2\nkind = \"surges\"\nseed = 9\n", "a/x.toml");
  REQUIRE(got);
  CHECK(got->poison.share == 0.2);
  CHECK(got->poison.kind == "surges");
  CHECK(got->poison.seed == 9);
  const auto wrong
    = parse_experiment(head + "kind = \"cyanide\"\n", "a/x.toml");
  REQUIRE(!wrong);
  CHECK(wrong.error().text.find("scrambled") != std::string::npos);
}

TEST_SUITE_END();
