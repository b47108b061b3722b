#include "actors/adversary/behaviour_attacks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace starling::adversary;

namespace {

const auto spread = std::vector{1.0, 2.0, 3.0, 4.0};
const auto model = std::vector{10.0, 20.0, 30.0, 40.0};

std::vector<double> row_of(const attack& which, uint64_t agent, uint64_t row) {
  auto values = std::vector(4, 0.0);
  which.change_row({agent, row, spread, model}, values);
  return values;
}

/// Returns how many deviations the feature that moved most has moved.
double moved(const std::vector<double>& row,
             const std::vector<double>& from = std::vector(4, 0.0)) {
  auto most = 0.0;
  for (size_t i = 0; i < row.size(); ++i)
    most = std::max(most, std::abs(row[i] - from[i]) / spread[i]);
  return most;
}

std::unique_ptr<attack> make(std::string_view name,
                             std::map<std::string, double> parameters) {
  auto made = make_attack(name, {.parameters = std::move(parameters)});
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_SUITE_BEGIN("actors/adversary/behaviour_attacks");

TEST_CASE("slow poison drifts evenly and stays where it has arrived") {
  const auto poison = make("slow-poison", {{"strength", 5}, {"rows", 10}});
  for (uint64_t row = 0; row < 10; ++row)
    CHECK(moved(row_of(*poison, 1, row))
          == doctest::Approx(0.5 * static_cast<double>(row + 1)));
  CHECK(row_of(*poison, 1, 1000) == row_of(*poison, 1, 9));
}

TEST_CASE("a share of the features moves, and at least one") {
  const auto one = make("slow-poison", {{"rows", 1}, {"features", 0.0}});
  const auto all = make("slow-poison", {{"rows", 1}, {"features", 1.0}});
  for (uint64_t agent = 0; agent < 20; ++agent) {
    CHECK(std::ranges::count(row_of(*one, agent, 0), 0.0) == 3);
    CHECK(std::ranges::count(row_of(*all, agent, 0), 0.0) == 0);
  }
}

TEST_CASE("mimicry copies an honest agent but for a small shift") {
  const auto mimic = make("mimicry", {{"strength", 0.5}});
  CHECK(moved(row_of(*mimic, 1, 5), model) == doctest::Approx(0.5));
}

TEST_CASE("on-off strikes for some rows of each period, not all at once") {
  const auto which = make("on-off", {{"strength", 6}, {"on", 2}, {"off", 3}});
  auto first = std::set<uint64_t>{};
  for (uint64_t agent = 0; agent < 20; ++agent) {
    auto strikes = 0;
    for (uint64_t row = 0; row < 5; ++row) {
      const auto strikes_now = moved(row_of(*which, agent, row)) > 0.0;
      CHECK(row_of(*which, agent, row) == row_of(*which, agent, row + 5));
      strikes += strikes_now ? 1 : 0;
      if (strikes_now)
        first.insert(row);
    }
    CHECK(strikes == 2);
  }
  CHECK(first.size() == 5);
}

TEST_CASE("the seed decides where it hurts") {
  const auto one = make_attack("mimicry", {.parameters = {}, .seed = 1});
  const auto two = make_attack("mimicry", {.parameters = {}, .seed = 2});
  REQUIRE(one);
  REQUIRE(two);
  auto differ = 0;
  for (uint64_t agent = 0; agent < 20; ++agent)
    differ += row_of(**one, agent, 0) == row_of(**two, agent, 0) ? 0 : 1;
  CHECK(differ > 10);
}

TEST_SUITE_END();
