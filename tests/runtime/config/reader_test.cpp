#include "runtime/config/reader.hpp"

#include "runtime/config/document.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace std::chrono_literals;
using namespace starling::config;
using starling::ec;

namespace {

/// A root over a text; texts here are always well-formed.
reader over(std::string_view text) {
  return document::parse(text, "node.toml")->root();
}

std::string problem_of(const reader& in) {
  const auto done = in.finish();
  if (done)
    return "none";
  CHECK(done.error().code == ec::invalid_option);
  return done.error().text;
}

} // namespace

TEST_SUITE_BEGIN("config/reader");

TEST_CASE("values of all types are read, and missing keys keep the default") {
  auto in = over(R"(
flag = true
count = 12
small = -3
ratio = 0.25
whole = 2
text = "abc"
words = ["a", "b"]
wait = "250ms"
seconds = 90
size = "64KiB"
rate = "100MB/s"
params = { a = 1, b = 2.5 }
any = { a = true, b = 3, c = 1.5, d = "x", e = ["y"] }
)");
  auto flag = false;
  auto count = uint32_t{0};
  auto small = int8_t{0};
  auto ratio = 0.0;
  auto whole = 0.0;
  auto text = std::string{};
  auto words = std::vector<std::string>{};
  auto wait = std::chrono::milliseconds{};
  auto seconds = std::chrono::seconds{};
  auto size = byte_size{};
  auto rate = byte_rate{};
  auto params = std::map<std::string, double>{};
  auto any = value_map{};
  auto missing = 42;
  in.read("flag", flag).read("count", count).read("small", small);
  in.read("ratio", ratio).read("whole", whole).read("text", text);
  in.read("words", words).read("wait", wait).read("seconds", seconds);
  in.read("size", size).read("rate", rate).read("params", params);
  in.read("any", any).read("missing", missing);
  CHECK(problem_of(in) == "none");
  CHECK(flag);
  CHECK(count == 12);
  CHECK(small == -3);
  CHECK(ratio == 0.25);
  CHECK(whole == 2.0);
  CHECK(text == "abc");
  CHECK(words == std::vector<std::string>{"a", "b"});
  CHECK(wait == 250ms);
  CHECK(seconds == 90s);
  CHECK(size.bytes == 65'536);
  CHECK(rate.bytes_per_second == 100'000'000);
  CHECK(params == std::map<std::string, double>{{"a", 1.0}, {"b", 2.5}});
  CHECK(any
        == value_map{{"a", true},
                     {"b", int64_t{3}},
                     {"c", 1.5},
                     {"d", std::string{"x"}},
                     {"e", std::vector<std::string>{"y"}}});
  CHECK(missing == 42);
}

TEST_CASE("a wrong type is named with its place and what is expected") {
  auto in = over("\n[limits]\nmax_peers = \"many\"\n");
  auto max_peers = 50;
  in.table("limits").read("max_peers", max_peers, 1, 10'000);
  CHECK(problem_of(in)
        == "node.toml:3: 'max_peers' must be an integer between 1 and 10000, "
           "not \"many\"");
  CHECK(max_peers == 50);
}

TEST_CASE("a value out of range is named with its bounds") {
  const auto problem = [](std::string_view text, auto target, auto... bounds) {
    auto in = over(text);
    in.read("x", target, bounds...);
    return problem_of(in);
  };
  CHECK(problem("x = 0", 1, 1, 5)
        == "node.toml:1: 'x' must be an integer between 1 and 5, not 0");
  CHECK(problem("x = 256", uint8_t{0})
        == "node.toml:1: 'x' must be an integer between 0 and 255, not 256");
  CHECK(problem("x = -1", uint64_t{0})
        == "node.toml:1: 'x' must be an integer of at least 0, not -1");
  CHECK(problem("x = 1.5", 0.0, 0.0, 1.0)
        == "node.toml:1: 'x' must be a number between 0 and 1, not 1.5");
  CHECK(problem("x = nan", 0.0)
        == "node.toml:1: 'x' must be a number, not nan");
  CHECK(problem("x = \"1us\"", 0ms)
        == "node.toml:1: 'x' must be a duration between 0s and 36500d in steps "
           "of 1ms, such as \"30s\", not \"1us\"");
  CHECK(problem("x = \"2h\"", 0s, 1s, 3600s)
        == "node.toml:1: 'x' must be a duration between 1s and 1h in steps of "
           "1s, such as \"30s\", not \"2h\"");
  CHECK(problem("x = \"1B\"", byte_size{}, byte_size{4096})
        == "node.toml:1: 'x' must be a number of bytes of at least 4KiB, such "
           "as \"64KiB\", not \"1B\"");
  CHECK(problem("x = -1", byte_rate{})
        == "node.toml:1: 'x' must be a rate, such as \"64KiB/s\", not -1");
  CHECK(problem("x = [1]", std::vector<std::string>{})
        == "node.toml:1: 'x' must be an array of strings, not an array");
  CHECK(problem("x = 1979-05-27", std::string{})
        == "node.toml:1: 'x' must be a string, not a date or time");
}

TEST_CASE("a word that is not among the choices is refused with all of them") {
  constexpr auto levels = std::to_array<std::string_view>({"info", "error"});
  auto level = std::string{"info"};
  auto in = over("level = \"loud\"");
  in.read("level", level, levels);
  CHECK(problem_of(in)
        == "node.toml:1: 'level' must be one of \"info\", \"error\", not "
           "\"loud\"");
  CHECK(level == "info");
}

TEST_CASE("an unknown key is named with the nearest one that was asked for") {
  auto in = over("[node]\nname = \"a\"\n  hearbeat_interval = 3\n");
  auto node = in.table("node");
  auto name = std::string{};
  auto interval = 0s;
  node.read("name", name).read("heartbeat_interval", interval);
  CHECK(problem_of(in)
        == "node.toml:3:3: unknown key 'hearbeat_interval' in [node]; did you "
           "mean 'heartbeat_interval'?");
}

TEST_CASE("a key that another table knows is sent there") {
  auto in = over("[node]\nmax_peers = 3\n[limits]\n");
  auto max_peers = 0;
  static_cast<void>(in.table("node"));
  in.table("limits").read("max_peers", max_peers);
  CHECK(problem_of(in)
        == "node.toml:2:1: unknown key 'max_peers' in [node]; it belongs in "
           "[limits]");
}

TEST_CASE("a table nobody asked for is unknown") {
  auto in = over("[nodes]\nname = \"a\"\n");
  static_cast<void>(in.table("node"));
  CHECK(problem_of(in)
        == "node.toml:1:2: unknown table 'nodes'; did you mean 'node'?");
}

TEST_CASE("the first unknown key of the file is reported") {
  auto in = over("[b]\nzzz = 1\n[a]\nyyy = 1\n");
  static_cast<void>(in.table("a"));
  static_cast<void>(in.table("b"));
  CHECK(problem_of(in) == "node.toml:2:1: unknown key 'zzz' in [b]");
}

TEST_CASE("a missing key that is required is named with its table") {
  auto in = over("a = 1\n\n[[actor]]\nname = \"x\"\n");
  auto name = std::string{};
  auto type = std::string{};
  for (auto& actor : in.tables("actor"))
    actor.required("name", name).required("type", type);
  auto a = 0;
  in.read("a", a);
  CHECK(problem_of(in) == "node.toml:3: 'type' is missing in [[actor]]");
  CHECK(name == "x");
}

TEST_CASE("a misspelt required key is reported as misspelt") {
  auto in = over("tpye = \"x\"");
  auto type = std::string{};
  in.required("type", type);
  CHECK(problem_of(in)
        == "node.toml:1:1: unknown key 'tpye'; did you mean 'type'?");
}

TEST_CASE("arrays of tables come in file order, keys sorted") {
  auto in = over("[[x]]\nb = 1\na = 2\n[[x]]\n[x.inner]\nc = 3\n");
  auto all = in.tables("x");
  REQUIRE(all.size() == 2);
  CHECK(all[0].keys() == std::vector<std::string>{"a", "b"});
  auto c = 0;
  all[1].table("inner").read("c", c);
  CHECK(c == 3);
  CHECK(over("").tables("x").empty());
}

TEST_CASE("one table is no array of tables, and a value is no table") {
  auto one = over("[actor]\n");
  CHECK(one.tables("actor").empty());
  CHECK(problem_of(one)
        == "node.toml:1: 'actor' must be an array of tables, [[actor]], not a "
           "table");
  auto other = over("node = 3\n");
  static_cast<void>(other.table("node"));
  CHECK(problem_of(other)
        == "node.toml:1: 'node' must be a table, [node], not 3");
}

TEST_CASE("a caller's own objection is reported with the key's place") {
  auto in = over("[node]\nlisten = \"x\"\n");
  auto node = in.table("node");
  auto listen = std::string{};
  node.read("listen", listen);
  CHECK(node.place("listen") == "node.toml:2");
  node.reject("listen", "must be an address");
  CHECK(problem_of(in) == "node.toml:2: 'listen' must be an address");
}

TEST_CASE("a reader keeps the text alive and lets a table be read twice") {
  auto in = over("[node]\na = 1\nb = 2\n");
  auto a = 0;
  auto b = 0;
  in.table("node").read("a", a);
  in.table("node").read("b", b);
  CHECK(problem_of(in) == "none");
  CHECK(a + b == 3);
  CHECK(in.has("node"));
  CHECK(!in.has("nothing"));
}

TEST_SUITE_END();
