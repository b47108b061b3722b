#include "actors/zone/zone_policy.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace std::chrono_literals;
using starling::ec;
using starling::zone::name_of;
using starling::zone::trust_zone;
using starling::zone::zone_policy;

namespace {

struct fixture {
  zone_policy policy = *zone_policy::make({});
  zone_policy::clock::time_point now = zone_policy::clock::time_point{} + 24h;

  std::optional<starling::zone::zone_change> see(double level) {
    return policy.observe(level, now);
  }

  /// Sees a calm row each minute, and returns when the zone changes or after
  /// `span`.
  std::optional<starling::zone::zone_change>
  calm_for(std::chrono::minutes span) {
    for (const auto end = now + span; now < end;) {
      now += 1min;
      if (auto change = see(0.1))
        return change;
    }
    return std::nullopt;
  }

  void quarantine() {
    const auto change = see(0.99);
    REQUIRE(change);
    REQUIRE(change->to == trust_zone::quarantined);
  }
};

} // namespace

TEST_SUITE_BEGIN("zone/zone_policy");

TEST_CASE_FIXTURE(fixture, "an agent starts trusted and calm rows keep it so") {
  CHECK(policy.current() == trust_zone::trusted);
  CHECK(!calm_for(600min));
}

TEST_CASE_FIXTURE(fixture, "a level above 0.95 quarantines at once") {
  CHECK(!see(0.5));
  const auto change = see(0.96);
  REQUIRE(change);
  CHECK(change->from == trust_zone::trusted);
  CHECK(change->to == trust_zone::quarantined);
  CHECK(change->level == 0.96);
  CHECK(change->reason == "level 0.960 is above 0.95: strike 1 of 3");
}

TEST_CASE_FIXTURE(fixture, "thresholds themselves are not above") {
  CHECK(!see(0.8));
  const auto change = see(0.95);
  REQUIRE(change);
  CHECK(change->to == trust_zone::monitored);
}

TEST_CASE_FIXTURE(fixture, "a monitored agent is trusted after a calm stay") {
  REQUIRE(see(0.85));
  const auto start = now;
  const auto change = calm_for(60min);
  REQUIRE(change);
  CHECK(change->to == trust_zone::trusted);
  CHECK(now - start >= 5min);
  CHECK(now - start <= 20min);
}

TEST_CASE_FIXTURE(fixture, "levels between 0.3 and 0.8 change nothing") {
  CHECK(!see(0.7));
  REQUIRE(see(0.85));
  for (auto i = 0; i < 1000; ++i) {
    now += 1min;
    CHECK(!see(0.5));
  }
  CHECK(policy.current() == trust_zone::monitored);
}

TEST_CASE_FIXTURE(fixture, "a level that hovers at 0.8 changes zones once") {
  auto changes = 0;
  for (auto i = 0; i < 1000; ++i) {
    now += 1min;
    changes += see(i % 2 == 0 ? 0.81 : 0.79) ? 1 : 0;
  }
  CHECK(changes == 1);
}

TEST_CASE_FIXTURE(fixture, "quarantine lasts an hour and ends on probation") {
  quarantine();
  CHECK(!calm_for(59min));
  now += 1min;
  const auto change = policy.tick(now);
  REQUIRE(change);
  CHECK(change->from == trust_zone::quarantined);
  CHECK(change->to == trust_zone::monitored);
  // Probation is longer than an ordinary stay.
  CHECK(!calm_for(29min));
  const auto trusted = calm_for(2min);
  REQUIRE(trusted);
  CHECK(trusted->to == trust_zone::trusted);
}

TEST_CASE_FIXTURE(fixture, "every alarm in quarantine starts the hour anew") {
  quarantine();
  now += 50min;
  CHECK(!see(0.99));
  now += 50min;
  CHECK(!policy.tick(now));
  now += 10min;
  CHECK(policy.tick(now));
}

TEST_CASE_FIXTURE(fixture, "silence after quarantine is not taken for calm") {
  quarantine();
  now += 60min;
  REQUIRE(policy.tick(now));
  now += 600min;
  CHECK(!policy.tick(now));
  CHECK(policy.current() == trust_zone::monitored);
}

TEST_CASE_FIXTURE(fixture, "the third quarantine is isolation") {
  for (auto strike = 1; strike <= 2; ++strike) {
    quarantine();
    now += 61min;
    REQUIRE(policy.tick(now));
  }
  const auto change = see(0.99);
  REQUIRE(change);
  CHECK(change->to == trust_zone::isolated);
  CHECK(!calm_for(600min));
}

TEST_CASE_FIXTURE(fixture,
                  "who stays in alarm through quarantine is isolated") {
  quarantine();
  auto change = std::optional<starling::zone::zone_change>{};
  auto minutes = 0;
  while (!change && minutes < 600) {
    ++minutes;
    now += 1min;
    change = see(0.99);
  }
  REQUIRE(change);
  CHECK(change->to == trust_zone::isolated);
  CHECK(minutes == 120);
}

TEST_CASE_FIXTURE(fixture,
                  "isolation ends after a day without alarm, in steps") {
  for (auto strike = 1; strike <= 3; ++strike) {
    REQUIRE(see(0.99));
    now += 61min;
    policy.tick(now);
  }
  REQUIRE(policy.current() == trust_zone::isolated);
  now += 24h;
  const auto change = policy.tick(now);
  REQUIRE(change);
  CHECK(change->to == trust_zone::quarantined);
  CHECK(!policy.tick(now));
  now += 60min;
  REQUIRE(policy.tick(now));
  // One strike is left.
  const auto again = see(0.99);
  REQUIRE(again);
  CHECK(again->to == trust_zone::isolated);
}

TEST_CASE_FIXTURE(fixture, "a strike is forgiven after a day") {
  for (auto day = 0; day < 10; ++day) {
    quarantine();
    CHECK(policy.strikes() == 1);
    now += 61min;
    REQUIRE(policy.tick(now));
    now += 24h;
    policy.tick(now);
    CHECK(policy.strikes() == 0);
  }
}

TEST_CASE_FIXTURE(fixture, "an operator's release leads to probation") {
  CHECK(!policy.release(now));
  quarantine();
  const auto change = policy.release(now);
  REQUIRE(change);
  CHECK(change->to == trust_zone::monitored);
  CHECK(policy.strikes() == 0);
  CHECK(!calm_for(29min));
  CHECK(calm_for(2min));
}

TEST_CASE_FIXTURE(fixture, "an agent that can't be judged is monitored") {
  const auto change = see(std::nan(""));
  REQUIRE(change);
  CHECK(change->to == trust_zone::monitored);
  CHECK(change->level == 0.8);
}

TEST_CASE("zones have the names of the mission") {
  CHECK(name_of(trust_zone::trusted) == "TRUSTED");
  CHECK(name_of(trust_zone::monitored) == "MONITORED");
  CHECK(name_of(trust_zone::quarantined) == "QUARANTINED");
  CHECK(name_of(trust_zone::isolated) == "ISOLATED");
}

TEST_CASE("options that contradict each other are refused") {
  using options = zone_policy::options;
  for (const auto& opts :
       {options{.quarantine_above = 0.7}, options{.trust_below = 0.9},
        options{.monitor_above = std::nan("")},
        options{.quarantine_duration = -1s}, options{.calm_share = 0.0},
        options{.strikes_max = 0}, options{.strike_lifetime = 0s}}) {
    const auto made = zone_policy::make(opts);
    REQUIRE(!made);
    CHECK(made.error().code == ec::invalid_option);
  }
}

TEST_SUITE_END();
