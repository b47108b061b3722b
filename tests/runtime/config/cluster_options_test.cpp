#include "runtime/config/cluster_options.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace starling::config;
using starling::ec;

namespace {

namespace fs = std::filesystem;

std::string problem_of(std::string_view text) {
  const auto opts = parse_cluster_options(text, "lab.toml");
  return opts ? "none" : opts.error().text;
}

} // namespace

TEST_SUITE_BEGIN("config/cluster_options");

TEST_CASE("an empty file is a cluster of five nodes on this machine") {
  const auto opts = parse_cluster_options("", "lab.toml");
  REQUIRE(opts);
  REQUIRE(opts->nodes.size() == 5);
  CHECK(opts->nodes[0].options.node.name == "starling-1");
  CHECK(opts->nodes[4].options.node.state_dir == "cluster/starling-5");
  CHECK(opts->nodes[4].host.empty());
}

TEST_CASE("a node's own keys win over the base, key by key") {
  const auto opts = parse_cluster_options(R"(
[cluster]
name = "lab"
nodes = 3
directory = "d"
[base.limits]
max_peers = 10
cpu = 0.25
[[base.actor]]
name = "a"
type = "t"
[[node]]
name = "alpha"
host = "10.0.0.1"
[node.limits]
max_peers = 20
[[node]]
[node.node]
state_dir = "elsewhere"
[[node.actor]]
name = "b"
type = "u"
)",
                                          "lab.toml");
  REQUIRE(opts);
  REQUIRE(opts->nodes.size() == 3);
  const auto& alpha = opts->nodes[0];
  CHECK(alpha.host == "10.0.0.1");
  CHECK(alpha.options.node.name == "alpha");
  CHECK(alpha.options.node.state_dir == "d/alpha");
  CHECK(alpha.options.limits.max_peers == 20);
  CHECK(alpha.options.limits.cpu == 0.25);
  CHECK(alpha.options.actors.at(0).name == "a");
  const auto& second = opts->nodes[1].options;
  CHECK(second.node.name == "lab-2");
  CHECK(second.node.state_dir == "elsewhere");
  CHECK(second.limits.max_peers == 10);
  REQUIRE(second.actors.size() == 1);
  CHECK(second.actors[0].type == "u");
  CHECK(opts->nodes[2].options.limits.max_peers == 10);
}

TEST_CASE("without a count there are as many nodes as tables") {
  const auto opts = parse_cluster_options("[[node]]\n[[node]]\n", "lab.toml");
  REQUIRE(opts);
  CHECK(opts->nodes.size() == 2);
}

TEST_CASE("mistakes are named with their place") {
  CHECK(problem_of("[cluster]\nnodes = 1\n[[node]]\n[[node]]\n")
        == "lab.toml:2: 'nodes' is 1, but there are 2 [[node]] tables");
  CHECK(problem_of("[cluster]\nnodes = 1001\n")
        == "lab.toml:2: 'nodes' must be an integer between 1 and 1000, not "
           "1001");
  CHECK(problem_of("[[node]]\nname = \"a\"\n[[node]]\nname = \"a\"\n")
          .find("two are called \"a\"")
        != std::string::npos);
  CHECK(problem_of("[base.limits]\nmax_pears = 3\n")
        == "lab.toml:2:1: unknown key 'max_pears' in [base.limits]; did you "
           "mean 'max_peers'?");
  CHECK(problem_of("[[node]]\n[node.security]\nencryption = false\n")
        == "lab.toml:3: 'encryption' must stay true: only the simulator may "
           "run without encryption");
}

TEST_CASE("a loaded file's paths start at its folder") {
  const auto dir
    = fs::temp_directory_path() / ("cluster_" + std::to_string(getpid()));
  fs::create_directories(dir);
  std::ofstream{dir / "lab.toml"} << "[cluster]\nname = \"lab\"\nnodes = 1\n";
  const auto opts = load_cluster_options(dir / "lab.toml");
  REQUIRE(opts);
  CHECK(opts->directory == (dir / "cluster").string());
  const auto& node = opts->nodes[0].options;
  CHECK(node.node.state_dir == (dir / "cluster/lab-1").string());
  CHECK(node.node.control_socket
        == (dir / "cluster/lab-1/control.sock").string());
  fs::remove_all(dir);
}

TEST_SUITE_END();
