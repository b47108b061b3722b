#include "actors/detector/scorer_detector.hpp"

#include "messages/detector.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace starling;
using namespace starling::detector;

namespace {

/// A row's score is its first value, times a factor.
class plain_scorer final : public scorer {
public:
  plain_scorer(const options& opts, double factor)
    : opts_{opts},
      factor_{factor} {
    // nop
  }

  void learn(std::span<const double> row) override {
    last_ = row[0];
  }

  double score(std::span<const double> row) override {
    last_ = factor_ * std::abs(row[0]) + opts_.smoothing_rows;
    return last_;
  }

  [[nodiscard]] double instant_score() const override {
    return last_;
  }

  [[nodiscard]] size_t state_bytes() const override {
    return sizeof(*this);
  }

  [[nodiscard]] std::vector<feature_share> explain() const override {
    return {{0, 1.0}};
  }

  [[nodiscard]] feature_range usual(size_t) const override {
    return {};
  }

private:
  options opts_;
  double factor_;
  double last_ = 0.0;
};

detector_type plain_type() {
  return {.name = "plain",
          .description = "is plain",
          .options = {"factor"},
          .make
          = [](const scorer::options& opts,
               const caf::settings& own) -> result<std::unique_ptr<scorer>> {
            const auto factor = caf::get_or(own, "factor", 1.0);
            if (factor <= 0.0)
              return failure{ec::invalid_option, "factor must be above zero"};
            return std::unique_ptr<scorer>{
              std::make_unique<plain_scorer>(opts, factor)};
          }};
}

struct fixture : test::deterministic_system {
  actor_catalog catalog;
  node_context node;
  caf::settings options;

  fixture() {
    node.system = &sys();
    REQUIRE_FALSE(add_detector(catalog, plain_type()));
    options["features"] = int64_t{2};
  }

  /// Returns the scores of a few rows.
  std::vector<double> scores() {
    auto heard = std::vector<double>{};
    auto made = catalog.spawn("plain", node, options);
    REQUIRE_MESSAGE(made, to_string(made.error()));
    auto listener
      = sys().spawn([&heard]() -> score_listener_actor::behavior_type {
          return {[&heard](const score_batch& batch) -> caf::result<void> {
            heard = batch.scores;
            return caf::unit;
          }};
        });
    const auto detector = caf::actor_cast<detector_actor>(*made);
    auto start = detector_start{};
    start.subject = "someone";
    start.listeners = {listener};
    caf::anon_send(detector, start);
    auto rows = behaviour_rows{};
    rows.features = 2;
    rows.values = {1.0, 9.0, 4.0, 9.0};
    caf::anon_send(detector, rows);
    run();
    for (const auto& each : {caf::actor_cast<caf::actor>(detector),
                             caf::actor_cast<caf::actor>(listener)})
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    run();
    return heard;
  }

  std::string refusal() {
    auto made = catalog.spawn("plain", node, options);
    REQUIRE_FALSE(made);
    CHECK(made.error() == ec::invalid_option);
    return to_string(made.error());
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/detector/scorer_detector");

TEST_CASE_FIXTURE(fixture, "a scorer of one's own makes a detector") {
  CHECK(scores() == std::vector{1.0, 4.0});
}

TEST_CASE_FIXTURE(fixture, "it gets the options that it named") {
  options["factor"] = 3.0;
  CHECK(scores() == std::vector{3.0, 12.0});
}

TEST_CASE_FIXTURE(fixture, "it gets what all detectors take") {
  options["smoothing_rows"] = 2.0;
  CHECK(scores() == std::vector{3.0, 6.0});
}

TEST_CASE_FIXTURE(fixture, "options that nobody knows are refused") {
  options["facter"] = 3.0;
  CHECK(refusal().find("factor") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "what the factory refuses is refused at once") {
  options["factor"] = 0.0;
  CHECK(refusal().find("above zero") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "it brings no other scorer along") {
  options["scorer"] = std::string{"flock"};
  CHECK(refusal().find("scorer") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a name is taken once") {
  CHECK(add_detector(catalog, plain_type()) == ec::duplicate_name);
  auto bundled = plain_type();
  bundled.name = "flock";
  CHECK(add_detector(catalog, std::move(bundled)) == ec::invalid_option);
  auto common = plain_type();
  common.name = "other";
  common.options = {"horizon_rows"};
  CHECK(add_detector(catalog, std::move(common)) == ec::invalid_option);
}

TEST_CASE_FIXTURE(fixture, "one built for other scorers is refused") {
  auto type = plain_type();
  type.name = "old";
  CHECK(add_detector(catalog, std::move(type), detector_abi + 1)
        == ec::incompatible_plugin);
}

TEST_CASE_FIXTURE(fixture, "a type without a factory is refused") {
  auto type = plain_type();
  type.name = "empty";
  type.make = nullptr;
  CHECK(add_detector(catalog, std::move(type)) == ec::invalid_option);
}

TEST_SUITE_END();
