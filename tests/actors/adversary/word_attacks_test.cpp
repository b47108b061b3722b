#include "actors/adversary/word_attacks.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::adversary;

namespace {

std::unique_ptr<attack> make(std::string_view name,
                             std::map<std::string, double> parameters = {}) {
  auto made = make_attack(name, {.parameters = std::move(parameters)});
  REQUIRE(made);
  return std::move(*made);
}

std::vector<double> row_of(const attack& which, uint64_t agent, uint64_t row) {
  const auto spread = std::vector(4, 1.0);
  auto values = std::vector(4, 0.0);
  which.change_row({agent, row, spread, values}, values);
  return values;
}

/// Returns what an aggregator that speaks for 12 agents at 5 +- 2 tells.
std::pair<double, double> told(const attack& which, uint64_t receiver) {
  auto values = std::vector{1.0, 5.0};
  auto weights = std::vector{6.0, 6.0};
  REQUIRE(which.change_summary({1, 2, receiver, false, 12.0, 5.0, 2.0}, values,
                               weights));
  REQUIRE(values.size() == 1);
  return {values[0], weights[0]};
}

} // namespace

TEST_SUITE_BEGIN("actors/adversary/word_attacks");

TEST_CASE("colluders of a group move alike, lie alike and vouch for liars") {
  const auto which = make("collusion", {{"groups", 3}, {"lie", 100}});
  CHECK(row_of(*which, 1, 9) == row_of(*which, 4, 50));
  CHECK(told(*which, 1) == std::pair{205.0, 12.0});
  CHECK(told(*which, 2) == std::pair{205.0, 12.0});
  CHECK(which->testify({1, 2, true, trust_zone::isolated})
        == trust_zone::trusted);
  CHECK(which->testify({1, 2, false, trust_zone::quarantined})
        == trust_zone::quarantined);
}

TEST_CASE("lying summaries have two faces if they shall") {
  const auto two = make("lying-summaries", {{"lie", 10}});
  CHECK(told(*two, 2) == std::pair{25.0, 12.0});
  CHECK(told(*two, 3) == std::pair{-15.0, 12.0});
  const auto one = make("lying-summaries", {{"lie", 10}, {"two_faced", 0}});
  CHECK(told(*one, 3) == std::pair{25.0, 12.0});
}

TEST_CASE("slanderers frame their targets and are honest otherwise") {
  const auto which = make("framing", {{"targets", 0.2}});
  auto framed = 0;
  for (uint64_t subject = 0; subject < 1000; ++subject) {
    const auto word = which->testify({1, subject, false, trust_zone::trusted});
    CHECK(which->testify({2, subject, false, trust_zone::trusted}) == word);
    framed += word == trust_zone::isolated ? 1 : 0;
    CHECK(which->testify({1, subject, true, trust_zone::quarantined})
          == trust_zone::quarantined);
  }
  // The standard error is 13.
  CHECK(framed > 150);
  CHECK(framed < 250);
}

TEST_CASE("identities of one machine take turns") {
  const auto which
    = make("sybils", {{"strength", 6}, {"identities", 4}, {"turn", 2}});
  for (uint64_t row = 0; row < 40; ++row) {
    auto strikers = 0;
    for (uint64_t agent = 8; agent < 12; ++agent)
      strikers += row_of(*which, agent, row) != std::vector(4, 0.0) ? 1 : 0;
    CHECK(strikers == 1);
  }
  CHECK(which->testify({1, 2, true, trust_zone::isolated})
        == trust_zone::trusted);
}

TEST_CASE("silence is complete") {
  const auto which = make("silence");
  for (auto x : row_of(*which, 1, 1))
    CHECK(std::isnan(x));
  auto values = std::vector{1.0};
  auto weights = std::vector{1.0};
  CHECK_FALSE(which->change_summary({}, values, weights));
  CHECK_FALSE(which->testify({1, 2, true, trust_zone::trusted}));
}

TEST_SUITE_END();
