#include "runtime/event_loop/guest_policy.hpp"

#include <doctest/doctest.h>

using namespace starling::event_loop;
using namespace std::chrono_literals;

namespace {

constexpr auto fast = guest_policy::turn_max;
constexpr auto slow = guest_policy::turn_max + 1ns;

/// Returns how many turns the actor sits out until it is let in.
int turns_out(guest_policy& policy, uint64_t id) {
  auto result = 0;
  while (!policy.admits(id))
    ++result;
  return result;
}

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/guest_policy");

TEST_CASE("actors of which nothing is known are let in") {
  auto policy = guest_policy{};
  CHECK(policy.admits(0));
  CHECK(policy.admits(7));
  policy.ran(7, fast);
  CHECK(policy.admits(7));
}

TEST_CASE("slow actors sit out twice as long each time") {
  auto policy = guest_policy{};
  for (auto expected = 1; expected <= 16; expected *= 2) {
    policy.ran(7, slow);
    CHECK(turns_out(policy, 7) == expected);
  }
}

TEST_CASE("there is a longest time to sit out") {
  auto policy = guest_policy{};
  for (auto i = 0; i < 100; ++i)
    policy.ran(7, slow);
  CHECK(turns_out(policy, 7) == 1 << (guest_policy::level_max - 1));
}

TEST_CASE("fast turns make up for slow ones") {
  auto policy = guest_policy{};
  for (auto i = 0; i < 3; ++i)
    policy.ran(7, slow);
  CHECK(turns_out(policy, 7) == 4);
  for (auto i = 0; i < 3; ++i)
    policy.ran(7, fast);
  policy.ran(7, slow);
  CHECK(turns_out(policy, 7) == 1);
}

TEST_CASE("a turn that the loop had to leave weighs more than a slow one") {
  auto policy = guest_policy{};
  policy.overran(7);
  policy.ran(8, slow);
  CHECK(turns_out(policy, 7) > 16 * turns_out(policy, 8));
}

TEST_CASE("actors with the same place are not taken for each other") {
  auto policy = guest_policy{};
  policy.ran(7, slow);
  CHECK(policy.admits(7 + guest_policy::slow_max));
  CHECK(!policy.admits(7));
}

TEST_SUITE_END();
