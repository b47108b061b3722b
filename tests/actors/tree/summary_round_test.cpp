#include "actors/tree/summary_round.hpp"

#include "actors/tree/robust_aggregate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace starling;
using namespace starling::tree;

namespace {

peer_id id_of(uint8_t i) {
  auto result = peer_id{};
  result.bytes[0] = i;
  return result;
}

std::vector<round_member> members_of(uint8_t count, uint32_t agents) {
  auto result = std::vector<round_member>{};
  for (uint8_t i = 0; i < count; ++i)
    result.push_back({id_of(i), agents});
  return result;
}

summary_round round_of(const std::vector<round_member>& members,
                       const peer_id& self, uint64_t epoch = 1,
                       size_t fan_out = 2) {
  auto made = summary_round::make(members, self, epoch,
                                  {.fan_out = fan_out, .summary = {}});
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_SUITE_BEGIN("actors/tree/summary_round");

TEST_CASE("every member reports to one parent, and agents add up to the root") {
  const auto members = members_of(13, 3);
  auto roots = 0;
  for (const auto& member : members) {
    const auto round = round_of(members, member.id);
    if (!round.parent()) {
      ++roots;
      auto below = uint64_t{3};
      for (const auto& [child, agents] : round.children())
        below += agents;
      CHECK(below == 39);
    } else {
      const auto above = round_of(members, *round.parent());
      CHECK(above.children().contains(member.id));
    }
  }
  CHECK(roots == 1);
}

TEST_CASE("places change from epoch to epoch") {
  const auto members = members_of(13, 1);
  auto parents = std::map<peer_id, int>{};
  for (uint64_t epoch = 0; epoch < 20; ++epoch)
    if (const auto parent = round_of(members, id_of(0), epoch).parent())
      ++parents[*parent];
  CHECK(parents.size() > 3);
}

TEST_CASE("an agent counts once, however many rows it brings") {
  const auto members = members_of(1, 3);
  auto round = round_of(members, id_of(0));
  CHECK(round.add_agent("ann", std::vector(1000, 0.9)));
  CHECK(round.add_agent("bob", std::vector(10, 0.1)));
  CHECK(round.add_agent("cid", std::vector(10, 0.1)));
  CHECK(round.add_agent("cid", std::vector(500, 0.9)));
  CHECK(round.total().weight() == doctest::Approx(3.0));
  CHECK(weighted_median(round.total()) == 0.1);
}

TEST_CASE("a child can't weigh more than the agents below it") {
  const auto members = members_of(2, 2);
  const auto first = round_of(members, id_of(0));
  const auto root = first.parent() ? id_of(1) : id_of(0);
  const auto child = first.parent() ? id_of(0) : id_of(1);
  auto round = round_of(members, root);
  CHECK(round.add_child(child, {{0.5, 0.6, 0.7}, {1.0, 1.0, 1.0}}).error().code
        == ec::limit_reached);
  CHECK(round.add_child(child, {{0.7, 0.6}, {1.0, 1.0}}).error().code
        == ec::malformed_input);
  CHECK(round.add_child(root, {{0.5}, {1.0}}).error().code
        == ec::permission_denied);
  CHECK(round.add_child(child, {{0.5, 0.6}, {1.0, 1.0}}));
  // Twice is not twice as much.
  CHECK(round.add_child(child, {{0.5, 0.6}, {1.0, 1.0}}));
  CHECK(round.total().weight() == doctest::Approx(2.0));
}

TEST_CASE("a round is complete when agents and children were heard") {
  const auto members = members_of(2, 1);
  const auto first = round_of(members, id_of(0));
  const auto root = first.parent() ? id_of(1) : id_of(0);
  const auto child = first.parent() ? id_of(0) : id_of(1);
  auto round = round_of(members, root);
  CHECK_FALSE(round.complete({"ann"}));
  CHECK(round.add_agent("ann", std::vector{0.1}));
  CHECK_FALSE(round.complete({"ann"}));
  CHECK(round.add_child(child, {{0.5}, {1.0}}));
  CHECK(round.complete({"ann"}));
  CHECK_FALSE(round.complete({"ann", "bob"}));
}

TEST_CASE("children without agents are not waited for") {
  auto members = members_of(3, 0);
  for (auto& member : members) {
    auto round = round_of(members, member.id);
    CHECK(round.complete({}));
  }
}

TEST_CASE("the root's median holds against a third of liars") {
  // 40 honest agents around 0.2 and 20 that all say 1, over 15 nodes.
  auto members = members_of(15, 4);
  auto rng = std::mt19937_64{7};
  auto spread = std::uniform_real_distribution{0.1, 0.3};
  auto up = std::map<peer_id, summary_parts>{};
  auto order = members;
  const auto depth = [&](const peer_id& id) {
    auto steps = 0;
    for (auto at = round_of(members, id).parent(); at;
         at = round_of(members, *at).parent())
      ++steps;
    return steps;
  };
  std::ranges::sort(order, std::ranges::greater{},
                    [&](const auto& x) { return depth(x.id); });
  auto agent = 0;
  auto median = 0.0;
  auto weight = 0.0;
  for (const auto& member : order) {
    auto round = round_of(members, member.id);
    for (auto i = 0; i < 4; ++i, ++agent) {
      auto levels = std::vector<double>(60);
      for (auto& level : levels)
        level = agent % 3 == 0 ? 1.0 : spread(rng);
      CHECK(round.add_agent(std::to_string(agent), levels));
    }
    for (const auto& [child, agents] : round.children())
      CHECK(round.add_child(child, up.at(child)));
    up[member.id] = round.total().encode();
    median = weighted_median(round.total());
    weight = round.total().weight();
  }
  CHECK(weight == doctest::Approx(60.0));
  CHECK(median > 0.1);
  CHECK(median < 0.3);
}

TEST_CASE("a node that is no member has no part in it") {
  CHECK(summary_round::make(members_of(3, 1), id_of(9), 0, {}).error().code
        == ec::invalid_option);
}

TEST_SUITE_END();
