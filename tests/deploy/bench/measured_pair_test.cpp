#include "deploy/bench/measured_pair.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace starling;
using namespace starling::deploy;
using namespace std::chrono_literals;

namespace {

void serve(const child_process::say_fun& say) {
  say("here\n");
  ::pause();
}

} // namespace

// What is forked here calls nothing that another thread of the tests could hold
// a lock of.
TEST_SUITE_BEGIN("deploy/bench/measured_pair");

TEST_CASE("figures come from a process that was told where the other one is") {
  const auto found = measure_pair(
    serve,
    [](const std::string& where, const figure_sink& sink) {
      sink({{where, "x", 1, "us", 2.5, std::nullopt}});
    },
    10s);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().name == "here");
  CHECK(found->front().value == 2.5);
}

TEST_CASE("a reason, an early end and too long a time are errors") {
  const auto said = measure_pair(
    serve,
    [](const std::string&, const figure_sink& sink) { sink.fail("no luck"); },
    10s);
  REQUIRE(!said);
  CHECK(said.error().text == "no luck");
  const auto ended = measure_alone([](const figure_sink&) {}, 10s);
  REQUIRE(!ended);
  CHECK(ended.error().code == ec::connection_closed);
  const auto slow = measure_alone([](const figure_sink&) { ::pause(); }, 0s);
  REQUIRE(!slow);
  CHECK(slow.error().code == ec::timed_out);
}

TEST_SUITE_END();
