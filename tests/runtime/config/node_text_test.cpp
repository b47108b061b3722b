#include "runtime/config/node_options.hpp"
#include "tests/support/source_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace starling::config;
using starling::parse_peer_id;
using starling::peer_id;

namespace {

/// Options in which every field differs from its default.
node_options unusual() {
  auto opts = node_options{};
  const auto id = *parse_peer_id(std::string(64, 'c'));
  opts.node = {"alpha", {},     {}, "st\"ate", "c.sock", {"p", "q r"}, "debug",
               9,       1500ms, 2s, 3min,      700ms,    "bootstrap",  false};
  opts.node.listen
    = {*parse_endpoint("tcp://127.0.0.1:0"), *parse_endpoint("tcp://[::]:7000"),
       *parse_endpoint("memory://a-long-name-to-wrap")};
  opts.node.bootstrap = {*parse_endpoint("tcp://a:1#" + std::string(64, 'd'))};
  opts.limits = {7, {65'536}, {1'000'000}, 0.75, {128'000'000}, {1ull << 40}};
  opts.trust = {0.1, 0.2, 0.3, 4, 5h};
  opts.security = {true,  "k",  "p",    "ck", "cert", {id, peer_id{}},
                   "tok", 1min, {2048}, 2min};
  opts.session.groups = {"X25519_ML_KEM_768"};
  opts.supervision = {"rest-for-one", 2, 1s};
  opts.audit = {{1'000'000}, {8'000'000}, 1, 1s, "entry", "refuse"};
  opts.actors.push_back({"a",
                         "t",
                         "one-for-all",
                         {{"x", int64_t{1}},
                          {"y.z", 2.0},
                          {"w", std::vector<std::string>{"a", "b"}},
                          {"v", std::string{"line\nbreak"}},
                          {"u", true}}});
  opts.actors.push_back({"b", "t", {}, {}});
  opts.spawn_rules = {{{}, {"*"}, 5}, {id, {"t", "u"}, 100}};
  return opts;
}

std::string text_of(const std::filesystem::path& file) {
  auto in = std::ifstream{file};
  return {std::istreambuf_iterator{in}, {}};
}

} // namespace

TEST_SUITE_BEGIN("config/node_text");

TEST_CASE("a written node file reads back equal") {
  for (const auto& opts : {node_options{}, unusual()}) {
    const auto text = to_toml(opts);
    const auto back = parse_node_options(text, "written.toml");
    REQUIRE_MESSAGE(back, (back ? "" : back.error().text), "\n", text);
    CHECK(*back == opts);
  }
}

TEST_CASE("every key of a written file stands below a comment") {
  const auto text = to_toml(node_options{});
  CHECK(text.find(
          "\n[limits]\n# Peers connected at a time, not counting relays; more "
          "are refused.\n"
          "max_peers = 50\n")
        != std::string::npos);
  CHECK(text.find("\n# seed =\n") != std::string::npos);
  CHECK(text.find("heartbeat_interval = \"1min\"\n") != std::string::npos);
  auto width = size_t{0};
  auto begin = size_t{0};
  for (auto end = text.find('\n'); end != std::string::npos;
       begin = end + 1, end = text.find('\n', begin))
    width = std::max(width, end - begin);
  CHECK(width <= 80);
}

TEST_CASE("every key is documented once, with type, default and meaning") {
  auto seen = std::set<std::pair<std::string, std::string>>{};
  for (const auto& key : documented_keys()) {
    CHECK(seen.emplace(key.section, key.key).second);
    CHECK(!key.type.empty());
    CHECK(key.meaning.ends_with("."));
  }
  // Counted by hand in node_options.hpp.
  CHECK(seen.size() == 14 + 6 + 5 + 10 + 1 + 3 + 6 + 4 + 3);
}

TEST_CASE("types show their range, and defaults are spelt as in TOML") {
  const auto all = documented_keys();
  const auto find = [&all](std::string_view key) {
    for (const auto& x : all)
      if (x.key == key)
        return x.type + " = " + x.default_value;
    return std::string{};
  };
  CHECK(find("max_peers") == "integer, 1 to 10000 = 50");
  CHECK(find("bandwidth") == "byte rate, 1kB/s to 1TB/s = \"100MB/s\"");
  CHECK(find("heartbeat_interval") == "duration, 1ms to 1h = \"1min\"");
  CHECK(find("groups")
        == "list of strings: SECP384R1_ML_KEM_1024, X25519_ML_KEM_768 = "
           "[\"SECP384R1_ML_KEM_1024\", \"X25519_ML_KEM_768\"]");
  CHECK(find("from") == "peer id or \"*\", required = ");
}

TEST_CASE("docs/configuration.md is what the program says") {
  const auto file = starling::test::source_folder() / "docs/configuration.md";
  if (std::getenv("STARLING_WRITE_DOCS") != nullptr)
    std::ofstream{file} << configuration_page();
  const auto same = text_of(file) == configuration_page();
  CHECK_MESSAGE(same, "run this test once with STARLING_WRITE_DOCS=1");
}

TEST_SUITE_END();
