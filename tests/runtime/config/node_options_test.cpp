#include "runtime/config/node_options.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;
using namespace starling::config;
using starling::ec;

namespace {

namespace fs = std::filesystem;

/// A folder that lives as long as the test.
struct folder {
  fs::path path
    = fs::temp_directory_path() / ("node_options_" + std::to_string(getpid()));

  folder() {
    fs::create_directories(path);
  }

  ~folder() {
    fs::remove_all(path);
  }
};

} // namespace

TEST_SUITE_BEGIN("config/node_options");

// The numbers are those of row L of the mission.
TEST_CASE("an empty file gives the defaults of the mission") {
  const auto opts = parse_node_options("", "node.toml");
  REQUIRE(opts);
  CHECK(opts->limits.max_peers == 50);
  CHECK(opts->node.connection_timeout == 30s);
  CHECK(opts->node.heartbeat_interval == 60s);
  CHECK(opts->node.discovery_interval == 300s);
  CHECK(opts->limits.max_packet_size.bytes == 10'000'000);
  CHECK(opts->node.compression);
  CHECK(opts->security.encryption);
  CHECK(opts->trust.validation_threshold == 0.8);
  CHECK(opts->limits.bandwidth.bytes_per_second == 100'000'000);
  CHECK(opts->limits.cpu == 0.5);
  CHECK(opts->limits.memory.bytes == 1'000'000'000);
  CHECK(opts->limits.storage.bytes == 10'000'000'000);
  CHECK(opts->trust.trust_threshold == 0.7);
  CHECK(opts->trust.reputation_decay == 0.01);
  CHECK(opts->trust.max_failed_attempts == 3);
  CHECK(opts->trust.quarantine_duration == 3600s);
}

TEST_CASE("only a simulation may run without encryption") {
  constexpr auto text = "[security]\nencryption = false\n";
  const auto refused = parse_node_options(text, "node.toml");
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::invalid_option);
  CHECK(refused.error().text
        == "node.toml:2: 'encryption' must stay true: only the simulator may "
           "run without encryption");
  const auto accepted
    = parse_node_options(text, "node.toml", purpose::simulation);
  REQUIRE(accepted);
  CHECK(!accepted->security.encryption);
}

TEST_CASE("paths start at the file's folder, and state lies in state_dir") {
  const auto temp = folder{};
  std::ofstream{temp.path / "node.toml"}
    << "[node]\nstate_dir = \"s\"\nplugin_dirs = [\"p\", \"/abs\"]\n"
       "[security]\ncertificate = \"../c.pem\"\n";
  const auto opts = load_node_options(temp.path / "node.toml");
  REQUIRE(opts);
  CHECK(opts->node.state_dir == (temp.path / "s").string());
  CHECK(opts->node.control_socket == (temp.path / "s/control.sock").string());
  CHECK(opts->security.key_file == (temp.path / "s/identity.pem").string());
  CHECK(opts->security.certificate
        == (temp.path.parent_path() / "c.pem").string());
  CHECK(opts->security.join_token.empty());
  CHECK(opts->node.plugin_dirs
        == std::vector<std::string>{(temp.path / "p").string(), "/abs"});
}

TEST_CASE("a control socket whose path the kernel can't take is refused") {
  auto opts = node_options{};
  opts.node.control_socket = std::string(108, 'a');
  const auto checked = check_paths(opts);
  REQUIRE(!checked);
  CHECK(checked.error().code == ec::invalid_option);
  opts.node.control_socket.pop_back();
  CHECK(check_paths(opts));
}

TEST_CASE("a missing file is a file error") {
  CHECK(load_node_options("/nowhere/node.toml").error().code == ec::file_error);
}

TEST_SUITE_END();
