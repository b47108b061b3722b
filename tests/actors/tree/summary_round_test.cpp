#include "actors/tree/summary_round.hpp"

#include "actors/tree/robust_aggregate.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <memory>

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

constexpr auto options = summary_round::options{
  .place = {.fan_out = 2, .width = 3}, .summary = {}, .directions = {}};

std::shared_ptr<const round_plan>
plan_of(const std::vector<round_member>& members) {
  auto made = round_plan::make(members, 1, options.place);
  REQUIRE(made);
  return std::make_shared<const round_plan>(std::move(*made));
}

summary_round round_of(std::shared_ptr<const round_plan> plan,
                       const peer_id& self) {
  auto made = summary_round::make(std::move(plan), self, options);
  REQUIRE(made);
  return std::move(*made);
}

ec code_of(const result<void>& outcome) {
  REQUIRE_FALSE(outcome);
  return outcome.error().code;
}

} // namespace

TEST_SUITE_BEGIN("actors/tree/summary_round");

TEST_CASE("everybody knows its fellows, and who reports to whom") {
  const auto plan = plan_of(members_of(21, 2));
  REQUIRE(plan->place().committees() == 7);
  auto roots = 0;
  for (uint8_t i = 0; i < 21; ++i) {
    const auto round = round_of(plan, id_of(i));
    CHECK(round.fellows().size() == 2);
    roots += round.is_root() ? 1 : 0;
    CHECK(round.above().size() == (round.is_root() ? 0 : 3));
    for (const auto& member : round.above())
      CHECK(round.is_above(member));
    CHECK_FALSE(round.is_above(id_of(i)));
    for (const auto& member : round.below())
      CHECK(round_of(plan, member).is_above(id_of(i)));
  }
  CHECK(roots == 3);
}

TEST_CASE("an agent counts once, however many rows it brings") {
  auto round = round_of(plan_of(members_of(1, 3)), id_of(0));
  CHECK(round.add_agent("ann", std::vector(1000, 0.9)));
  CHECK(round.add_agent("bob", std::vector(10, 0.1)));
  CHECK(round.add_agent("cid", std::vector(10, 0.1)));
  CHECK(round.add_agent("cid", std::vector(500, 0.9)));
  CHECK(round.total().levels.weight() == doctest::Approx(3.0));
  CHECK(weighted_median(round.total().levels) == 0.1);
}

TEST_CASE("a fellow can't weigh more than its own agents") {
  auto round = round_of(plan_of(members_of(2, 2)), id_of(0));
  CHECK(code_of(round.add_report(id_of(1), {{{0.5, 0.6, 0.7}, {1, 1, 1}}, {}}))
        == ec::limit_reached);
  CHECK(code_of(round.add_report(id_of(1), {{{0.7, 0.6}, {1, 1}}, {}}))
        == ec::malformed_input);
  CHECK(code_of(round.add_report(id_of(0), {{{0.7, 0.6}, {1, 1}}, {}}))
        == ec::malformed_input);
  CHECK(code_of(round.add_report(id_of(9), {{{0.5}, {1}}, {}}))
        == ec::permission_denied);
  CHECK(round.add_report(id_of(1), {{{0.5, 0.6}, {1, 1}}, {}}));
  // Twice is not twice as much.
  CHECK(round.add_report(id_of(1), {{{0.5, 0.6}, {1, 1}}, {}}));
  CHECK(round.total().levels.weight() == doctest::Approx(2.0));
}

TEST_CASE("a committee below says what the middle of its members says, once "
          "two thirds were heard") {
  const auto plan = plan_of(members_of(6, 2));
  REQUIRE(plan->place().committees() == 2);
  const auto above = plan->place().members_of(0);
  const auto below = plan->place().members_of(1);
  auto round = round_of(plan, above[0]);
  CHECK(round.add_report(below[0], {{{1e9}, {6.0}}, {}}));
  CHECK(round.total().empty());
  CHECK(code_of(round.add_report(below[1], {{{0.1}, {6.1}}, {}}))
        == ec::limit_reached);
  CHECK(round.add_report(below[1], {{{0.1, 0.2}, {3.0, 3.0}}, {}}));
  CHECK(round.add_report(below[2], {{{0.1, 0.2}, {3.0, 3.0}}, {}}));
  CHECK(round.total().levels.weight() == doctest::Approx(6.0));
  CHECK(round.total().levels.quantile(1.0) == 0.2);
  // Who is below is no fellow, and the other way round.
  CHECK(round.sample().empty());
  auto other = round_of(plan, below[0]);
  CHECK(code_of(other.add_report(above[0], {{{0.5}, {1.0}}, {}}))
        == ec::permission_denied);
}

TEST_CASE("the order in which reports come does not matter") {
  const auto plan = plan_of(members_of(5, 100));
  const auto parts = [](uint8_t i) {
    auto summary = *quantile_summary::make({});
    for (auto k = 0; k < 100; ++k)
      summary.add(i + 0.37 * k);
    return summary_report{summary.encode(), {i, std::vector(i, 0.5F)}};
  };
  auto one = round_of(plan, id_of(2));
  auto two = round_of(plan, id_of(2));
  for (auto i : std::initializer_list<uint8_t>{0, 1, 3, 4})
    CHECK(one.add_report(id_of(i), parts(i)));
  for (auto i : std::initializer_list<uint8_t>{4, 1, 0, 3})
    CHECK(two.add_report(id_of(i), parts(i)));
  CHECK(one.total().encode() == two.total().encode());
}

TEST_CASE("what strange agents did goes up with their levels, one vote each") {
  const auto plan = plan_of(members_of(6, 2));
  const auto above = plan->place().members_of(0);
  const auto below = plan->place().members_of(1);
  const auto up = std::vector{1.0F, 0.0F};
  const auto aside = std::vector{0.0F, 1.0F};
  auto round = round_of(plan, above[0]);
  CHECK(round.add_agent("ann", std::vector{0.99}, up));
  CHECK(round.add_agent("ann", std::vector{0.99}, up));
  CHECK(round.add_agent("bob", std::vector{0.1}));
  CHECK(round.add_report(above[1], {{{0.9}, {2.0}}, {2, {1.0F, 0.0F}}}));
  CHECK(round.sample().directions.along(up) == doctest::Approx(2.0));
  // Two below say that four of six moved aside; the third one lies.
  const auto truth = summary_report{{{0.9}, {6.0}}, {2, {0.0F, 2.0F}}};
  CHECK(round.add_report(below[0], truth));
  CHECK(round.add_report(below[1], {{{0.9}, {6.0}}, {2, {2.4F, 0.0F}}}));
  CHECK(round.add_report(below[2], truth));
  CHECK(round.total().directions.along(aside) == doctest::Approx(4.0));
  CHECK(round.total().directions.along(up) == doctest::Approx(2.0));
  CHECK(code_of(round.add_report(above[2], {{{0.9}, {2.0}}, {1, {1.5F}}}))
        == ec::limit_reached);
}

// Else they could not agree bit by bit above.
TEST_CASE("what a node knows of its own agents is what its fellows know") {
  const auto plan = plan_of(members_of(2, 3));
  // Most differences in the last bits vanish when they are rounded again.
  for (auto run = 0; run < 50; ++run) {
    auto one = round_of(plan, id_of(0));
    auto two = round_of(plan, id_of(1));
    for (auto k = 0; k < 3; ++k) {
      const auto way = [&](double phase) {
        const auto angle = phase + run + 0.7 * k;
        return std::vector{static_cast<float>(std::cos(angle)),
                           static_cast<float>(0.9 * std::sin(angle))};
      };
      CHECK(one.add_agent(std::to_string(k), std::vector{0.9}, way(0.0)));
      CHECK(two.add_agent(std::to_string(k), std::vector{0.9}, way(0.3)));
    }
    CHECK(one.add_report(id_of(1), two.own().encode()));
    CHECK(two.add_report(id_of(0), one.own().encode()));
    CHECK(one.total().encode() == two.total().encode());
  }
}

TEST_CASE("a round is complete when agents, fellows and all below were heard") {
  const auto plan = plan_of(members_of(6, 1));
  const auto above = plan->place().members_of(0);
  const auto below = plan->place().members_of(1);
  auto round = round_of(plan, above[0]);
  CHECK(round.add_agent("ann", std::vector{0.1}));
  CHECK(round.own_complete(1));
  CHECK_FALSE(round.own_complete(2));
  for (size_t i = 1; i < 3; ++i)
    CHECK(round.add_report(above[i], {{{0.5}, {1.0}}, {}}));
  for (const auto& member : below) {
    CHECK_FALSE(round.complete(1));
    // Whoever says it twice does not stand for another.
    CHECK(round.add_report(member, {{{0.5}, {3.0}}, {}}));
    CHECK(round.add_report(member, {{{0.5}, {3.0}}, {}}));
  }
  CHECK(round.complete(1));
  CHECK_FALSE(round.complete(2));
}

TEST_CASE("who has no agents is not waited for") {
  const auto plan = plan_of(members_of(6, 0));
  for (uint8_t i = 0; i < 6; ++i)
    CHECK(round_of(plan, id_of(i)).complete(0));
}

TEST_CASE("a node that is no member has no part in it") {
  CHECK(summary_round::make(plan_of(members_of(3, 1)), id_of(9), options)
          .error()
          .code
        == ec::invalid_option);
}

TEST_SUITE_END();
