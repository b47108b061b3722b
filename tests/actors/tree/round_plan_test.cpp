#include "actors/tree/round_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace starling;
using tree::round_plan;

TEST_SUITE_BEGIN("actors/tree/round_plan");

TEST_CASE("agents add up to the root, and a member named twice counts once") {
  auto members = std::vector<tree::round_member>{};
  for (uint8_t i = 0; i < 50; ++i) {
    auto id = peer_id{};
    id.bytes[0] = i;
    members.push_back({id, uint32_t{i}});
  }
  members.push_back(members.back());
  const auto plan = round_plan::make(members, 3, {.fan_out = 2, .width = 5});
  REQUIRE(plan);
  REQUIRE(plan->place().committees() == 10);
  // 0 + 1 + ... + 49.
  CHECK(plan->agents_below(0) == 1225);
  for (size_t i = 0; i < 10; ++i) {
    auto sum = uint64_t{0};
    for (const auto& id : plan->place().members_of(i))
      sum += plan->agents_of(id);
    for (auto below : plan->place().below(i))
      sum += plan->agents_below(below);
    CHECK(plan->agents_below(i) == sum);
  }
  auto stranger = peer_id{};
  stranger.bytes[31] = 1;
  CHECK(plan->agents_of(stranger) == 0);
}

TEST_CASE("members may come in any order, and count as they were named first") {
  auto members = std::vector<tree::round_member>{};
  for (uint8_t i = 0; i < 20; ++i) {
    auto id = peer_id{};
    id.bytes[0] = static_cast<uint8_t>(7 * i);
    members.push_back({id, uint32_t{i}});
  }
  const auto sorted = round_plan::make(members, 3, {.fan_out = 2, .width = 5});
  std::ranges::reverse(members);
  members.push_back({members.front().id, 1'000});
  const auto mixed = round_plan::make(members, 3, {.fan_out = 2, .width = 5});
  REQUIRE(sorted);
  REQUIRE(mixed);
  for (const auto& member : members)
    CHECK(mixed->agents_of(member.id) == sorted->agents_of(member.id));
  CHECK(mixed->agents_of(members[0].id) == 19);
  for (size_t i = 0; i < sorted->place().committees(); ++i)
    CHECK(mixed->agents_below(i) == sorted->agents_below(i));
}

TEST_SUITE_END();
