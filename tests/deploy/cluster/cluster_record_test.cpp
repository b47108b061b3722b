#include "deploy/cluster/cluster_record.hpp"

#include "tests/support/scratch_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>

using namespace starling;
using namespace starling::cluster;

namespace fs = std::filesystem;

namespace {

cluster_record sample(const fs::path& folder) {
  auto node = node_record{};
  node.name = "alpha";
  node.id = *parse_peer_id(std::string(64, '7'));
  node.file = folder / "alpha" / "node.toml";
  node.control = folder / "alpha" / "control.sock";
  node.log = folder / "alpha" / "node.log";
  node.addresses = {"tcp://127.0.0.1:7000"};
  node.running = {123, 456};
  return {"lab", folder, {node}};
}

} // namespace

TEST_SUITE_BEGIN("deploy/cluster/cluster_record");

TEST_CASE("a record comes back as it was saved") {
  auto folder = test::scratch_folder{};
  const auto saved = sample(folder.path());
  REQUIRE(save_record(saved));
  auto loaded = load_record(folder.path());
  REQUIRE(loaded);
  CHECK(*loaded == saved);
}

TEST_CASE("what is no record is refused with a remedy") {
  auto folder = test::scratch_folder{};
  CHECK(load_record(folder.path()).error().code == ec::file_error);
  for (const auto* text : {"", "{}", "[1]", R"({"name":"x","nodes":[{}]})",
                           R"({"name":"x","nodes":[{"name":1}]})"}) {
    std::ofstream{folder / "cluster.json"} << text;
    auto loaded = load_record(folder.path());
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == ec::malformed_input);
  }
}

TEST_CASE("the newest cluster below a folder is found") {
  auto folder = test::scratch_folder{};
  CHECK(newest_cluster(folder.path()).error().code == ec::file_error);
  for (const auto* name : {"cluster", "cluster/lab", "cluster/field"}) {
    fs::create_directories(folder / name);
    REQUIRE(save_record(sample(folder / name)));
  }
  const auto now = fs::file_time_type::clock::now();
  auto age = [&](const char* name, int hours) {
    fs::last_write_time(folder / name / "cluster.json",
                        now - std::chrono::hours{hours});
  };
  age("cluster", 3);
  age("cluster/lab", 1);
  age("cluster/field", 2);
  CHECK(*newest_cluster(folder.path()) == folder / "cluster/lab");
  age("cluster", 0);
  CHECK(*newest_cluster(folder.path()) == folder / "cluster");
}

TEST_SUITE_END();
