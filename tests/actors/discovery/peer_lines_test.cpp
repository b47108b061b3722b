#include "actors/discovery/peer_lines.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::discovery;

namespace {

const auto title = std::string{peer_lines_title};

/// The text of the failure that these lines give.
std::string fault_of(const std::string& lines) {
  auto outcome = parse_peer_lines(title + lines, 10);
  REQUIRE(!outcome);
  CHECK(outcome.error().code == ec::malformed_input);
  return outcome.error().text;
}

} // namespace

TEST_SUITE_BEGIN("discovery/peer_lines");

TEST_CASE("a line has five fields") {
  auto x = candidate{};
  x.where = *config::parse_endpoint("tcp://192.0.2.1:4711");
  x.source = "mdns";
  x.seen = time_point{std::chrono::milliseconds{1'234}};
  x.failures = 3;
  auto text = std::string{};
  append_peer_line(text, x);
  CHECK(text == "tcp://192.0.2.1:4711 mdns 1234 - 3\n");
  auto back = parse_peer_lines(title + text, 10);
  REQUIRE(back);
  REQUIRE(back->size() == 1);
  x.due = x.seen;
  CHECK(back->front() == x);
  text.clear();
  x.succeeded = x.seen;
  append_peer_line(text, x);
  CHECK(text == "tcp://192.0.2.1:4711 mdns 1234 1234 3\n");
  CHECK(parse_peer_lines(title + text, 10)->front() == x);
}

TEST_CASE("an empty cache is its title") {
  CHECK(parse_peer_lines(title, 10)->empty());
}

TEST_CASE("a faulty line is named by its number") {
  const auto good = std::string{"tcp://192.0.2.1:1 mdns 1 - 0\n"};
  CHECK(fault_of(good + "nonsense\n").find("line 3") != std::string::npos);
  for (const auto* line :
       {"\n", "tcp://192.0.2.1:1 mdns 1 -\n", "tcp://192.0.2.1:1 mdns x - 0\n",
        "tcp://192.0.2.1:1 mdns 1 x 0\n", "tcp://192.0.2.1:1 mdns 1 - x\n",
        "tcp://192.0.2.1:1 mdns 1 - 0 more\n", "tcp:// mdns 1 - 0\n",
        "tcp://192.0.2.1:1 mdns -1 - 0\n",
        "tcp://192.0.2.1:1 mdns 99999999999999999 - 0\n",
        "tcp://192.0.2.1:1 mdns 1 - 4294967296\n"})
    CHECK_MESSAGE(fault_of(line).find("line 2") != std::string::npos, line);
}

TEST_CASE("another file is not taken for a cache") {
  CHECK(parse_peer_lines("", 10).error().code == ec::malformed_input);
  CHECK(parse_peer_lines("starling peers 2\n", 10).error().code
        == ec::malformed_input);
}

TEST_CASE("lines are bounded") {
  auto text = title;
  for (auto i = 0; i < 11; ++i)
    text += "tcp://192.0.2.1:1 mdns 1 - 0\n";
  CHECK(parse_peer_lines(text, 10).error().code == ec::limit_reached);
  CHECK(parse_peer_lines(text, 11));
}

TEST_SUITE_END();
