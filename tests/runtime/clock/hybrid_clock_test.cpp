#include "runtime/clock/hybrid_clock.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using starling::ec;
using starling::clock::hybrid_clock;
using starling::clock::physical_time;
using starling::clock::timestamp;

namespace {

physical_time at(int64_t micros) {
  return physical_time{std::chrono::microseconds{micros}};
}

/// A stamp as the paper writes it: l, c.
timestamp stamp(int64_t l, uint32_t c) {
  return {timestamp::from(at(l)).bits + c};
}

} // namespace

TEST_SUITE_BEGIN("clock/hybrid_clock");

// Worked by hand with the rules of the paper's figure 5. Three nodes whose
// physical clocks read 10, 1 and 0 when the first message leaves.
TEST_CASE("a message's arrival is later than its departure on slow clocks") {
  auto zero = hybrid_clock{};
  auto one = hybrid_clock{};
  auto two = hybrid_clock{};
  const auto sent = zero.now(at(10));
  CHECK(sent == stamp(10, 0));
  // l.j = max(0, 10, 1) = l.m, so c = c.m + 1.
  const auto received = one.now(sent, at(1));
  REQUIRE(received);
  CHECK(*received == stamp(10, 1));
  // A local event: l stays, since pt = 2 is behind, so c counts.
  CHECK(one.now(at(2)) == stamp(10, 2));
  const auto forwarded = one.now(at(3));
  CHECK(forwarded == stamp(10, 3));
  CHECK(*two.now(forwarded, at(0)) == stamp(10, 4));
  // Physical time has caught up: l follows it and c starts again.
  CHECK(two.now(at(13)) == stamp(13, 0));
  // l.j = l.m: the greater counter wins, plus one.
  CHECK(*two.now(stamp(13, 6), at(13)) == stamp(13, 7));
  // An old message changes nothing but the counter.
  CHECK(*two.now(stamp(4, 9), at(13)) == stamp(13, 8));
}

TEST_CASE("a stamp holds 52 bits of microseconds above 12 bits of counter") {
  // 1 s after the epoch is 1000000 = 0xF4240 microseconds.
  CHECK(timestamp::from(at(1'000'000)).bits == 0xF4240000);
  CHECK(timestamp{0xF4240123}.physical() == at(1'000'000));
  CHECK(timestamp{0xF4240123}.counter() == 0x123);
  CHECK(timestamp::from(at(-5)).bits == 0);
  CHECK(timestamp::from(physical_time::max()).bits == 0xFFFFFFFFFFFFF000);
}

TEST_CASE("a counter that is full carries into the next microsecond") {
  auto clock = hybrid_clock{};
  clock.resume_after(stamp(7, 4095));
  const auto next = clock.now(at(7));
  CHECK(next == stamp(8, 0));
  CHECK(next > stamp(7, 4095));
}

TEST_CASE("a stamp from too far in the future is refused without a trace") {
  auto clock = hybrid_clock{{.drift_max = 100ms}};
  const auto before = clock.now(at(1'000'000));
  CHECK(clock.now(stamp(1'100'000, 3), at(1'000'000)));
  const auto last = clock.last();
  const auto refused = clock.now(stamp(1'100'001, 0), at(1'000'000));
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::protocol_violation);
  CHECK(refused.error().text
        == "the remote clock is 100.0 ms ahead of the local one, 100.0 ms are "
           "allowed: synchronise both nodes' clocks (NTP)");
  CHECK(clock.last() == last);
  CHECK(last > before);
}

TEST_CASE("a wall clock that is set back does not turn hybrid time back") {
  auto clock = hybrid_clock{};
  const auto before = clock.now(at(5'000'000));
  const auto after = clock.now(at(2'000'000));
  CHECK(after > before);
  CHECK(clock.ahead(at(2'000'000)) == 3s);
  CHECK(clock.ahead(at(9'000'000)) == 0s);
}

TEST_SUITE_END();
