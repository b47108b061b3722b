#include "runtime/config/node_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling::config;
using starling::ec;
using starling::parse_peer_id;

namespace {

const auto id_text = std::string(64, 'b');

std::string problem_of(std::string_view text) {
  const auto opts = parse_node_options(text, "node.toml");
  if (opts)
    return "none";
  CHECK(opts.error().code == ec::invalid_option);
  return opts.error().text;
}

} // namespace

TEST_SUITE_BEGIN("config/node_reader");

TEST_CASE("an actor's entry knows where it stands") {
  const auto opts = parse_node_options("[node]\nname = \"a\"\n\n[[actor]]\n"
                                       "name = \"one\"\ntype = \"echo\"\n"
                                       "[[actor]]\ntype = \"echo\"\n"
                                       "name = \"two\"\n",
                                       "node.toml");
  REQUIRE(opts);
  REQUIRE(opts->actors.size() == 2);
  CHECK(opts->actors[0].place.text == "node.toml:6");
  CHECK(opts->actors[1].place.text == "node.toml:8");
}

TEST_CASE("every kind of key is read") {
  const auto opts = parse_node_options(R"(
[node]
name = "alpha"
listen = ["tcp://127.0.0.1:0", "udp://[::1]:99"]
seed = 7
[limits]
max_peers = 10
[security]
allow = [")" + id_text + R"("]
[session]
groups = ["X25519_ML_KEM_768"]
[[actor]]
name = "watch"
type = "phi-accrual"
strategy = "one-for-all"
options = { threshold = 8.0, peers = ["a"], on = true }
[[actor]]
name = "route"
type = "dijkstra"
[[spawn.allow]]
from = "*"
types = ["echo"]
quota = 3
[[spawn.allow]]
from = ")" + id_text + R"("
types = ["*"]
)",
                                       "node.toml");
  REQUIRE(opts);
  CHECK(opts->node.name == "alpha");
  REQUIRE(opts->node.listen.size() == 2);
  CHECK(opts->node.listen[1].host == "::1");
  CHECK(opts->node.seed == 7);
  CHECK(opts->limits.max_peers == 10);
  CHECK(opts->security.allow == std::vector{*parse_peer_id(id_text)});
  CHECK(opts->session.groups == std::vector<std::string>{"X25519_ML_KEM_768"});
  REQUIRE(opts->actors.size() == 2);
  CHECK(opts->actors[0].strategy == "one-for-all");
  CHECK(opts->actors[0].options
        == value_map{{"threshold", 8.0},
                     {"peers", std::vector<std::string>{"a"}},
                     {"on", true}});
  CHECK(opts->actors[1].type == "dijkstra");
  CHECK(!opts->actors[1].strategy);
  REQUIRE(opts->spawn_rules.size() == 2);
  CHECK(!opts->spawn_rules[0].from);
  CHECK(opts->spawn_rules[0].quota == 3);
  CHECK(opts->spawn_rules[1].from == parse_peer_id(id_text));
}

TEST_CASE("each mistake is named with its place and its remedy") {
  CHECK(problem_of("[node]\nhearbeat_interval = \"1s\"\n")
        == "node.toml:2:1: unknown key 'hearbeat_interval' in [node]; did you "
           "mean 'heartbeat_interval'?");
  CHECK(problem_of("[node]\nmax_peers = 3\n")
        == "node.toml:2:1: unknown key 'max_peers' in [node]; it belongs in "
           "[limits]");
  CHECK(problem_of("[limits]\nmax_peers = 0\n")
        == "node.toml:2: 'max_peers' must be an integer between 1 and 10000, "
           "not 0");
  CHECK(problem_of("[node]\nname = \"a b\"\n")
        == "node.toml:2: 'name' must be 1 to 64 letters, digits, '.', '_' or "
           "'-'");
  CHECK(problem_of("[node]\nlisten = [\"tcp://a\"]\n")
        == "node.toml:2: 'listen' has a wrong entry: endpoint 'tcp://a' has no "
           "port, write HOST:PORT");
  CHECK(problem_of("[node]\nbootstrap = [\"tcp://a:0\"]\n")
        == "node.toml:2: 'bootstrap' has a wrong entry: endpoint 'tcp://a:0' "
           "needs the port to dial");
  CHECK(problem_of("[security]\nallow = [\"me\"]\n")
        == "node.toml:2: 'allow' has a wrong entry: \"me\" is not 64 "
           "hexadecimal digits");
  CHECK(problem_of("[session]\ngroups = [\"x25519\"]\n")
        == "node.toml:2: 'groups' must list one or more of "
           "SECP384R1_ML_KEM_1024, X25519_ML_KEM_768");
  CHECK(problem_of("[audit]\nstorage_max = \"20MB\"\n")
        == "node.toml:2: 'storage_max' must be at least four times "
           "segment_max, which is 8MB");
}

TEST_CASE("no group at all is refused as well") {
  CHECK(problem_of("[session]\ngroups = []\n") != "none");
}

TEST_CASE("actors need a name of their own and a type") {
  CHECK(problem_of("[[actor]]\nname = \"a\"\n")
        == "node.toml:1: 'type' is missing in [[actor]]");
  CHECK(problem_of("[[actor]]\nname = \"a\"\ntype = \"t\"\n"
                   "[[actor]]\nname = \"a\"\ntype = \"t\"\n")
        == "node.toml:5: 'name' must be unique, but another actor is called "
           "\"a\" already");
}

TEST_CASE("a spawn rule says from whom") {
  CHECK(problem_of("[[spawn.allow]]\ntypes = [\"a\"]\n")
        == "node.toml:1: 'from' is missing in [[spawn.allow]]");
  CHECK(problem_of("[[spawn.allow]]\nfrom = \"bob\"\ntypes = [\"a\"]\n")
        == "node.toml:2: 'from' must be \"*\" or a peer id: \"bob\" is not 64 "
           "hexadecimal digits");
}

TEST_SUITE_END();
