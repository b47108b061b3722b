#include "actors/link/memory_network.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace std::literals;

using starling::link::memory_network;

namespace {

struct fixture {
  memory_network::time_point start{1h};
  memory_network uut;
  std::vector<std::string> log;

  bool send(std::string_view from, std::string_view to, size_t bytes,
            std::string name, std::chrono::nanoseconds at = 0ns) {
    auto note
      = [this, name](memory_network::time_point) { log.push_back(name); };
    return uut.send(from, to, bytes, note, start + at);
  }

  /// Returns the time since the start of the next arrival.
  std::chrono::nanoseconds next() {
    REQUIRE(uut.next_due());
    return *uut.next_due() - start;
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/link/memory_network");

TEST_CASE_FIXTURE(fixture, "a parcel arrives after the delay") {
  CHECK(!uut.next_due());
  uut.set_path("a", "b", {.delay = 5ms, .bandwidth = 0});
  send("a", "b", 100, "x");
  CHECK(next() == 5ms);
  CHECK(uut.in_flight("a", "b") == 100);
  CHECK(uut.deliver_due(start + 4ms) == 0);
  CHECK(uut.deliver_due(start + 5ms) == 1);
  CHECK(log == std::vector{"x"s});
  CHECK(uut.in_flight("a", "b") == 0);
  CHECK(!uut.next_due());
}

TEST_CASE_FIXTURE(fixture, "bandwidth holds back what comes after") {
  // 1 MB/s: 1000 bytes take 1 ms to enter.
  uut.set_path("a", "b", {.delay = 10ms, .bandwidth = 1'000'000});
  send("a", "b", 1'000, "first");
  send("a", "b", 2'000, "second");
  CHECK(next() == 11ms);
  uut.deliver_due(start + 11ms);
  CHECK(next() == 13ms);
  // The pipe has been idle since.
  send("a", "b", 1'000, "third", 20ms);
  uut.deliver_due(start + 13ms);
  CHECK(next() == 31ms);
}

TEST_CASE_FIXTURE(fixture, "nothing overtakes on a path that gets faster") {
  uut.set_path("a", "b", {.delay = 50ms, .bandwidth = 0});
  send("a", "b", 1, "slow");
  uut.set_path("a", "b", {.delay = 1ms, .bandwidth = 0});
  send("a", "b", 1, "fast");
  uut.deliver_due(start + 50ms);
  CHECK(log == std::vector{"slow"s, "fast"s});
}

TEST_CASE_FIXTURE(fixture, "arrivals at one moment keep the order of sending") {
  send("a", "b", 1, "1");
  send("c", "d", 1, "2");
  send("b", "a", 1, "3");
  send("a", "b", 1, "4");
  uut.deliver_due(start + 1ms);
  CHECK(log == std::vector{"1"s, "2"s, "3"s, "4"s});
}

TEST_CASE_FIXTURE(fixture, "a cut keeps what is under way until it is healed") {
  send("a", "b", 1, "before");
  uut.cut("b", "a");
  CHECK(uut.is_cut("a", "b"));
  CHECK(!uut.is_cut("a", "c"));
  send("a", "b", 1, "during");
  send("a", "c", 1, "elsewhere");
  uut.deliver_due(start + 10s);
  CHECK(log == std::vector{"elsewhere"s});
  CHECK(!uut.next_due());
  uut.heal("a", "b", start + 20s);
  CHECK(next() == 20s + 1ms);
  uut.deliver_due(start + 20s + 1ms);
  CHECK(log == std::vector{"elsewhere"s, "before"s, "during"s});
}

TEST_CASE_FIXTURE(fixture, "a parcel may cause others") {
  auto bounces = 0;
  std::function<void(memory_network::time_point)> bounce
    = [&](memory_network::time_point now) {
        if (++bounces < 5)
          uut.send("b", "a", 1, bounce, now);
      };
  uut.send("a", "b", 1, bounce, start);
  for (auto due = uut.next_due(); due; due = uut.next_due())
    uut.deliver_due(*due);
  CHECK(bounces == 5);
}

TEST_CASE("what exceeds a limit is refused and leaves no trace") {
  auto uut = memory_network{
    {.default_path = {}, .in_flight_max = 1'000, .pairs_max = 2}};
  const auto now = memory_network::time_point{1h};
  const auto nothing = [](memory_network::time_point) {};
  CHECK(uut.send("a", "b", 600, nothing, now));
  CHECK(!uut.send("a", "b", 401, nothing, now));
  CHECK(uut.send("a", "b", 400, nothing, now));
  CHECK(uut.send("b", "a", 1'000, nothing, now));
  CHECK(!uut.send("a", "c", 1, nothing, now));
  CHECK(uut.deliver_due(now + 1ms) == 3);
}

TEST_SUITE_END();
