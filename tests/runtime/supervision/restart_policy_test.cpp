#include "runtime/supervision/restart_policy.hpp"

#include <doctest/doctest.h>

using namespace starling::supervision;
using namespace std::literals;

using indexes = std::vector<size_t>;

namespace {

constexpr auto start = restart_policy::time_point{1h};

const auto four_permanent = std::vector<restart>(4, restart::permanent);

restart_policy make(strategy how) {
  return restart_policy{{.how = how}, 1};
}

} // namespace

TEST_SUITE_BEGIN("runtime/supervision/restart_policy");

// The expected plans follow the pictures and definitions in "OTP Design
// Principles", chapter "Supervisor Behaviour".

TEST_CASE("one_for_one restarts only the child that ended") {
  auto uut = make(strategy::one_for_one);
  const auto what = uut.decide(1, false, four_permanent, {}, start);
  CHECK(what.stop.empty());
  CHECK(what.start == indexes{1});
  CHECK(what.wait == 0s);
  CHECK(!what.escalate);
}

TEST_CASE("one_for_all stops the others in reverse order and starts all") {
  auto uut = make(strategy::one_for_all);
  const auto what = uut.decide(1, false, four_permanent, {}, start);
  CHECK(what.stop == indexes{3, 2, 0});
  CHECK(what.start == indexes{0, 1, 2, 3});
}

TEST_CASE("rest_for_one restarts those that were started later too") {
  auto uut = make(strategy::rest_for_one);
  const auto what = uut.decide(1, false, four_permanent, {}, start);
  CHECK(what.stop == indexes{3, 2});
  CHECK(what.start == indexes{1, 2, 3});
}

TEST_CASE("children that have ended already are not stopped again") {
  auto uut = make(strategy::one_for_all);
  const auto what
    = uut.decide(1, false, four_permanent, {true, true, false, true}, start);
  CHECK(what.stop == indexes{3, 0});
  CHECK(what.start == indexes{0, 1, 2, 3});
}

TEST_CASE("a permanent child is restarted after a normal exit too") {
  auto uut = make(strategy::one_for_one);
  CHECK(uut.decide(0, true, four_permanent, {}, start).start == indexes{0});
}

TEST_CASE("a transient child is restarted after an abnormal exit only") {
  auto uut = make(strategy::one_for_all);
  const auto kinds = std::vector{restart::transient, restart::permanent};
  const auto normal = uut.decide(0, true, kinds, {}, start);
  CHECK(normal.stop.empty());
  CHECK(normal.start.empty());
  CHECK(uut.recent_restarts(start) == 0);
  const auto abnormal = uut.decide(0, false, kinds, {}, start);
  CHECK(abnormal.stop == indexes{1});
  CHECK(abnormal.start == indexes{0, 1});
}

TEST_CASE("a temporary child is never restarted, not even with its siblings") {
  auto uut = make(strategy::one_for_all);
  const auto kinds
    = std::vector{restart::permanent, restart::temporary, restart::permanent};
  const auto own = uut.decide(1, false, kinds, {}, start);
  CHECK(own.stop.empty());
  CHECK(own.start.empty());
  CHECK(own.forget == indexes{1});
  const auto sibling = uut.decide(0, false, kinds, {}, start);
  CHECK(sibling.stop == indexes{2, 1});
  CHECK(sibling.start == indexes{0, 2});
  CHECK(sibling.forget == indexes{1});
}

TEST_CASE("more restarts than the intensity within the period escalate") {
  auto uut = restart_policy{{.intensity = 2, .period = 10s}, 1};
  CHECK(!uut.decide(0, false, four_permanent, {}, start).escalate);
  CHECK(!uut.decide(1, false, four_permanent, {}, start + 5s).escalate);
  const auto last = uut.decide(2, false, four_permanent, {}, start + 10s);
  CHECK(last.escalate);
  CHECK(last.stop == indexes{3, 1, 0});
  CHECK(last.start.empty());
}

TEST_CASE("restarts older than the period do not count") {
  auto uut = restart_policy{{.intensity = 2, .period = 10s}, 1};
  for (auto at = 0s; at < 1h; at += 6s)
    CHECK(!uut.decide(0, false, four_permanent, {}, start + at).escalate);
  CHECK(uut.recent_restarts(start + 1h - 6s) == 2);
  CHECK(uut.recent_restarts(start + 2h) == 0);
}

TEST_CASE("an intensity of zero forgives nothing") {
  auto uut = restart_policy{{.intensity = 0}, 1};
  CHECK(uut.decide(0, false, four_permanent, {}, start).escalate);
}

TEST_CASE("the wait doubles up to its maximum and starts anew after a pause") {
  auto uut = restart_policy{{.intensity = 100,
                             .period = 1min,
                             .backoff = 100ms,
                             .backoff_max = 500ms,
                             .jitter = 0.0},
                            1};
  const auto wait = [&](auto at) {
    return uut.decide(0, false, four_permanent, {}, start + at).wait;
  };
  CHECK(wait(0s) == 100ms);
  CHECK(wait(1s) == 200ms);
  CHECK(wait(2s) == 400ms);
  CHECK(wait(3s) == 500ms);
  CHECK(wait(4s) == 500ms);
  CHECK(wait(5min) == 100ms);
}

TEST_CASE("jitter shortens the wait by its share at most") {
  auto shortest = std::chrono::nanoseconds{1h};
  auto longest = 0ns;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    auto uut = restart_policy{{.backoff = 1s, .jitter = 0.5}, seed};
    const auto wait = uut.decide(0, false, four_permanent, {}, start).wait;
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
    // The same seed gives the same wait.
    auto again = restart_policy{{.backoff = 1s, .jitter = 0.5}, seed};
    CHECK(again.decide(0, false, four_permanent, {}, start).wait == wait);
  }
  CHECK(shortest >= 500ms);
  CHECK(shortest < 520ms);
  CHECK(longest <= 1s);
  CHECK(longest > 980ms);
}

TEST_SUITE_END();
