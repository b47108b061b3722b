#include "deploy/cluster/local_cluster.hpp"

#include "deploy/control/control_client.hpp"
#include "tests/support/scratch_folder.hpp"

#include <botan/auto_rng.h>
#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::cluster;
using control::control_client;
using control::json;

namespace fs = std::filesystem;

namespace {

/// The program lies beside the tests.
fs::path program() {
  return fs::read_symlink("/proc/self/exe").parent_path() / "starling";
}

/// A cluster of three in a folder of its own, ended with the test.
struct fixture {
  test::scratch_folder folder;
  Botan::AutoSeeded_RNG rng;
  fs::path file = folder / "lab.toml";
  up_options opts;

  fixture() {
    std::ofstream{file} << "[cluster]\n"
                           "name = \"lab\"\n"
                           "nodes = 3\n"
                           "directory = \"lab\"\n"
                           "[base.node]\n"
                           "heartbeat_interval = \"1s\"\n"
                           "discovery_interval = \"1s\"\n"
                           "connection_timeout = \"10s\"\n"
                           "[[base.spawn.allow]]\n"
                           "from = \"*\"\n"
                           "types = [\"echo\"]\n"
                           "[[base.actor]]\n"
                           "name = \"keeper\"\n"
                           "type = \"echo\"\n";
    opts.file = file;
    opts.program = program();
  }

  ~fixture() {
    [[maybe_unused]] auto ended = down(folder / "lab");
  }

  bool is_built() {
    if (fs::exists(opts.program))
      return true;
    MESSAGE("skipped: build the target starling first");
    return false;
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/cluster/local_cluster");

TEST_CASE_FIXTURE(fixture,
                  "a cluster starts, spawns anywhere, heals and ends") {
  if (!is_built())
    return;
  auto first = up(opts, rng);
  REQUIRE_MESSAGE(first, (first ? "" : first.error().text));
  CHECK(first->started.size() == 3);
  const auto& nodes = first->cluster.nodes;

  // What one node spawns on the second is found from the third.
  auto one = control_client{nodes[0].control};
  auto three = control_client{nodes[2].control};
  auto spawned = one.post(
    "/v1/spawn",
    json{{"type", "echo"}, {"node", nodes[1].name}, {"name", "parrot"}});
  REQUIRE_MESSAGE(spawned, (spawned ? "" : spawned.error().text));
  CHECK((*spawned)["node"] == to_string(nodes[1].id));
  auto answer = three.post(
    "/v1/call", json{{"actor", "parrot"}, {"request", {{"say", "hi"}}}});
  REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().text));
  CHECK((*answer)["answer"]["heard"]["say"] == "hi");
  CHECK((*answer)["answer"]["node"] == nodes[1].name);

  // The actor of the node files runs on each, under its supervisor.
  auto status = one.get("/v1/status");
  REQUIRE(status);
  REQUIRE((*status)["configured"].size() == 1);
  CHECK((*status)["configured"][0]["name"] == "keeper");
  CHECK((*status)["configured"][0]["running"] == true);
  auto kept = one.post("/v1/call", json{{"actor", "keeper"},
                                        {"node", nodes[2].name},
                                        {"request", {{"say", "hi"}}}});
  REQUIRE_MESSAGE(kept, (kept ? "" : kept.error().text));
  CHECK((*kept)["answer"]["node"] == nodes[2].name);
  auto listed = three.get("/v1/actors");
  REQUIRE(listed);
  REQUIRE((*listed)["actors"].size() == 1);
  CHECK((*listed)["actors"][0]["owner_name"] == nodes[2].name);
  for (const auto& node : nodes) {
    CHECK(control_client{node.control}.is_alive());
    CHECK(control_client{node.control}.is_ready());
  }

  // What the node file doesn't allow is refused.
  auto refused = one.post(
    "/v1/spawn", json{{"type", "supervisor"}, {"node", nodes[1].name}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ec::permission_denied);

  // Only the node that was killed starts again, as who it was.
  ::kill(nodes[1].running.pid, SIGKILL);
  while (is_running(nodes[1].running))
    ::sched_yield();
  auto second = up(opts, rng);
  REQUIRE_MESSAGE(second, (second ? "" : second.error().text));
  CHECK(second->started == std::vector<std::string>{nodes[1].name});
  CHECK(second->cluster.nodes[1].id == nodes[1].id);
  CHECK(second->cluster.nodes[1].addresses == nodes[1].addresses);
  CHECK(second->cluster.nodes[0].running == nodes[0].running);

  auto ended = down(first->cluster.folder);
  REQUIRE(ended);
  for (const auto& node : *ended)
    CHECK(node.how == ending::terminated);
  for (const auto& node : second->cluster.nodes)
    CHECK_FALSE(is_running(node.running));
}

TEST_CASE_FIXTURE(fixture, "a node that can't start is shown with its reason") {
  if (!is_built())
    return;
  auto made = up(opts, rng);
  REQUIRE_MESSAGE(made, (made ? "" : made.error().text));
  REQUIRE(down(folder / "lab"));
  // Others may read the key's passphrase: the node refuses to use it.
  fs::permissions(folder / "lab" / "lab-2" / "passphrase",
                  fs::perms::group_read, fs::perm_options::add);
  auto again = up(opts, rng);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ec::permission_denied);
}

TEST_CASE_FIXTURE(fixture, "an actor that can't start is shown with its line") {
  if (!is_built())
    return;
  std::ofstream{file, std::ios::app} << "[[base.actor]]\n"
                                        "name = \"parrot\"\n"
                                        "type = \"ehco\"\n";
  auto made = up(opts, rng);
  REQUIRE_FALSE(made);
  const auto& text = made.error().text;
  CHECK_MESSAGE(text.find("node.toml:") != std::string::npos, text);
  CHECK_MESSAGE(text.find("actor 'parrot' of type 'ehco' does not start")
                  != std::string::npos,
                text);
  CHECK_MESSAGE(text.find("plugin_dirs") != std::string::npos, text);
}

TEST_SUITE_END();
