#include "deploy/arena/tree_trial.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace starling;
using namespace starling::arena;

namespace {

tree_trial_options options(double liars, seating how, uint64_t seed = 1) {
  auto opts = tree_trial_options{};
  opts.nodes = 120;
  opts.liars = liars;
  opts.how = how;
  opts.seed = seed;
  opts.epoch.epoch = seed;
  opts.epoch.round.place = {.fan_out = 3, .width = 12};
  opts.epoch.deviations = 2.0;
  return opts;
}

tree_trial_result run(const tree_trial_options& opts, std::string_view attack) {
  const auto lies = adversary::make_attack(attack, {.parameters = {}});
  REQUIRE(lies);
  auto made = run_tree_trial(opts, **lies);
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_SUITE_BEGIN("deploy/arena/tree_trial");

TEST_CASE("without liars all nodes believe nearly the same") {
  const auto result = run(options(0.0, seating::random), "collusion");
  CHECK(result.liars == 0);
  CHECK(result.unheard == 0);
  REQUIRE(result.median_errors.size() == 120);
  // Standard error of the median of 120: .114; of twelve fellows: .36.
  CHECK(result.median_errors[60] < 0.35);
  CHECK(result.median_errors.back() < 1.1);
}

// The median of 120 with 30 % liars is the honest quantile 5 / 7: .57, and its
// standard error about .14.
TEST_CASE("colluders placed by the adversary, up to a third of each committee, "
          "move nobody by 1.1") {
  for (auto attack : {"collusion", "lying-summaries", "silence"})
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      auto opts = options(0.33, seating::thirds, seed);
      opts.epoch.deviations.reset();
      const auto result = run(opts, attack);
      CHECK(result.liars > 25);
      CHECK(result.unheard == 0);
      CHECK_MESSAGE(result.median_errors.back() < 1.1, attack);
    }
}

// Each of 120 agents counts for one: what liars add is their share, and what
// they hide at most as much, beside the small change of other ways.
TEST_CASE("what a third of liars says of others' ways is worth their number, "
          "and hides nothing") {
  for (auto attack : {"collusion", "lying-summaries"})
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      auto opts = options(0.33, seating::thirds, seed);
      opts.epoch.deviations.reset();
      const auto result = run(opts, attack);
      CHECK(result.common_errors.back() < 0.1);
      CHECK(result.false_shares.back() < 0.33 + 0.02);
    }
  const auto honest = run(options(0.0, seating::random), "collusion");
  CHECK(honest.common_errors[60] < 0.05);
  CHECK(honest.false_shares[60] < 0.05);
}

TEST_CASE("who takes the root alone makes nobody believe that all go its way") {
  auto opts = options(0.1, seating::top);
  CHECK(run(opts, "collusion").false_shares.back() < 0.7);
  opts.epoch.deviations.reset();
  CHECK(run(opts, "collusion").false_shares.back() > 0.99);
}

TEST_CASE("with one member a place a third of liars owns the tree, and seven "
          "trees too") {
  for (auto replicas : {1U, 7U}) {
    auto opts = options(0.33, seating::random);
    opts.nodes = 512;
    opts.epoch.round.place = {.fan_out = 8, .width = 1};
    opts.epoch.replicas = replicas;
    opts.epoch.deviations.reset();
    const auto result = run(opts, "collusion");
    CHECK(result.median_errors[result.median_errors.size() / 2] > 50.0);
  }
}

TEST_CASE("who takes the root alone is held by the check") {
  auto opts = options(0.1, seating::top);
  const auto held = run(opts, "collusion");
  CHECK(held.median_errors.back() < 3.0);
  opts.epoch.deviations.reset();
  const auto lost = run(opts, "collusion");
  CHECK(lost.median_errors.back() > 50.0);
}

TEST_CASE("messages are three for each fellow at most") {
  const auto result = run(options(0.0, seating::random), "collusion");
  CHECK(result.messages < 3 * 12);
  CHECK(result.bytes > 0.0);
}

TEST_CASE("ids differ") {
  auto seen = std::set<peer_id>{};
  for (uint64_t i = 0; i < 100; ++i)
    CHECK(seen.insert(drawn_id(1, i)).second);
}

TEST_SUITE_END();
