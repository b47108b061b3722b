#include "actors/tree/epoch_roll.hpp"

#include <doctest/doctest.h>

using starling::tree::epoch_roll;

TEST_SUITE_BEGIN("actors/tree/epoch_roll");

TEST_CASE("agents are expected until they have ended") {
  auto roll = epoch_roll{};
  CHECK(roll.expected_in(0) == 0);
  roll.enter(epoch_roll::no_end);
  roll.enter(epoch_roll::no_end);
  roll.enter(3);
  CHECK(roll.expected_in(0) == 3);
  CHECK(roll.expected_in(2) == 3);
  CHECK(roll.expected_in(3) == 2);
  CHECK(roll.expected_in(1'000'000) == 2);
}

TEST_CASE("an agent that ends is entered anew") {
  auto roll = epoch_roll{};
  roll.enter(epoch_roll::no_end);
  roll.leave(epoch_roll::no_end);
  CHECK(roll.expected_in(0) == 0);
  roll.enter(1);
  CHECK(roll.expected_in(0) == 1);
  CHECK(roll.expected_in(1) == 0);
}

TEST_CASE("an agent without rows is in no epoch") {
  auto roll = epoch_roll{};
  roll.enter(0);
  CHECK(roll.expected_in(0) == 0);
}

TEST_SUITE_END();
