#include "deploy/consensus/etcd_client.hpp"

#include "deploy/consensus/etcd_cluster.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::deploy;

TEST_SUITE_BEGIN("deploy/consensus/etcd_client");

// As etcd 3.4 answers: keys and values in base64, numbers of 64 bits as text.
TEST_CASE("a watch's line says what was put, and at which revision") {
  const auto line
    = R"({"result":{"header":{"revision":"9"},"events":[{"kv":{"key":"dmVyZGljdC9h","mod_revision":"8","value":"eA=="}},{"type":"DELETE","kv":{"key":"Yg==","mod_revision":"9"}}]}})";
  const auto events = parse_watch_line(line);
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK(events->front().key == "verdict/a");
  CHECK(events->front().value == "x");
  CHECK(events->front().revision == 8);
  CHECK(events->back().value.empty());
}

TEST_CASE("the line that confirms a watch has no events") {
  const auto events = parse_watch_line(
    R"({"result":{"header":{"revision":"1"},"created":true}})");
  REQUIRE(events);
  CHECK(events->empty());
}

TEST_CASE("what is no event is an error") {
  CHECK(parse_watch_line("nonsense").error().code == ec::malformed_input);
  CHECK(parse_watch_line("[]").error().code == ec::malformed_input);
  CHECK(parse_watch_line(R"({"result":{"events":[{"kv":{"key":"%"}}]}})")
          .error()
          .code
        == ec::malformed_input);
  CHECK(parse_watch_line(R"({"result":{"events":"x"}})").error().code
        == ec::malformed_input);
  CHECK(parse_watch_line(R"({"error":{"message":"compacted"}})").error().code
        == ec::wrong_state);
}

TEST_CASE("metrics are added up over their labels") {
  const auto sums = sums_of_metrics("# HELP a b\n"
                                    "a{To=\"1\"} 2\n"
                                    "a{To=\"2\"} 3.5\n"
                                    "b 1e+06\n"
                                    "c{le=\"+Inf\"} 4\n"
                                    "d words\n"
                                    "last 7");
  CHECK(sums.at("a") == doctest::Approx(5.5));
  CHECK(sums.at("b") == doctest::Approx(1e6));
  CHECK(sums.at("last") == doctest::Approx(7.0));
  CHECK_FALSE(sums.contains("d"));
}

TEST_CASE("a member that is not there is unreachable") {
  // Nobody listens at port 1 of loopback.
  auto client = etcd_client{1, std::chrono::milliseconds{200}};
  CHECK(client.put_once("a", "b").error().code == ec::unreachable);
  CHECK(client.leads().error().code == ec::unreachable);
}

TEST_CASE("programs are found in PATH or by their path") {
  CHECK(find_program("sh").filename() == "sh");
  CHECK(find_program("/bin/sh") == "/bin/sh");
  CHECK(find_program("no-such-program-here").empty());
  CHECK(find_program("/etc/passwd").empty());
}

TEST_SUITE_END();
