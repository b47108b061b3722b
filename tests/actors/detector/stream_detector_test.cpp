#include "actors/detector/stream_detector.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <cmath>
#include <random>

using namespace starling;
using namespace starling::detector;

namespace {

/// Rows of three independent normal features; those of the last tenth have one
/// feature 8 deviations off.
std::vector<double> made_rows(size_t rows) {
  auto rng = std::mt19937_64{11};
  auto normal = std::normal_distribution{};
  auto values = std::vector<double>{};
  for (size_t i = 0; i < rows; ++i)
    for (auto feature = 0; feature < 3; ++feature)
      values.push_back(normal(rng)
                       + (i >= rows - rows / 10 && feature == 1 ? 8.0 : 0.0));
  return values;
}

behaviour_rows batch_of(const std::vector<double>& values, size_t first,
                        size_t rows, bool training) {
  auto result = behaviour_rows{};
  result.first = first;
  result.features = 3;
  result.training = training;
  result.values.assign(values.begin() + static_cast<ptrdiff_t>(3 * first),
                       values.begin()
                         + static_cast<ptrdiff_t>(3 * (first + rows)));
  return result;
}

struct fixture : test::deterministic_system {
  actor_catalog catalog;
  node_context node;
  caf::settings options;
  std::vector<score_batch> heard;
  caf::error refusal;
  std::vector<caf::actor> ours;

  fixture() {
    node.system = &sys();
    REQUIRE_FALSE(add_stream_detector(catalog));
    options["features"] = int64_t{3};
  }

  ~fixture() {
    for (const auto& each : ours)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  detector_actor spawn() {
    auto made = catalog.spawn("detector", node, options);
    REQUIRE_MESSAGE(made, to_string(made.error()));
    ours.push_back(caf::actor_cast<caf::actor>(*made));
    return caf::actor_cast<detector_actor>(*made);
  }

  score_listener_actor spawn_listener() {
    auto made = sys().spawn([this]() -> score_listener_actor::behavior_type {
      return {
        [this](const score_batch& batch) -> caf::result<void> {
          if (refusal)
            return refusal;
          heard.push_back(batch);
          return caf::unit;
        },
      };
    });
    ours.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  detector_actor spawn_started() {
    auto made = spawn();
    REQUIRE(ask<void>(made, detector_start{"bob", {spawn_listener()}, {}}));
    return made;
  }

  /// Streams 2000 rows, half of them to learn from.
  void stream(const detector_actor& to, size_t batch) {
    const auto values = made_rows(2000);
    for (size_t first = 0; first < 2000; first += batch) {
      auto rows = batch_of(values, first, batch, first < 1000);
      rows.last = first + batch == 2000;
      const auto taken = ask<rows_taken>(to, rows);
      REQUIRE_MESSAGE(taken, to_string(taken.error()));
      CHECK(taken->next == first + batch);
    }
  }

  template <class T>
  ec code_of(const caf::expected<T>& outcome) {
    REQUIRE_FALSE(outcome);
    return static_cast<ec>(outcome.error().code());
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/detector/stream_detector");

TEST_CASE_FIXTURE(fixture,
                  "rows are scored as the scorer and calibrator would alone") {
  options["scorer"] = "mahalanobis";
  options["baselines"] = std::vector<std::string>{"robust-z"};
  stream(spawn_started(), 200);
  REQUIRE(heard.size() == 5);
  auto made = make_scorer("mahalanobis", {.features = 3});
  auto beside = make_scorer("robust-z", {.features = 3});
  auto& scorer = *made;
  auto& robust = *beside;
  auto scale = *calibrator::make({});
  const auto values = made_rows(2000);
  for (size_t i = 0; i < 1000; ++i) {
    scorer->learn(std::span{values}.subspan(3 * i, 3));
    robust->learn(std::span{values}.subspan(3 * i, 3));
    scale.seed(scorer->instant_score());
  }
  for (size_t i = 0; i < 1000; ++i) {
    const auto row = std::span{values}.subspan(3 * (1000 + i), 3);
    const auto& batch = heard[i / 200];
    CHECK(batch.first == 200 * (i / 200));
    CHECK(batch.scores[i % 200] == scorer->score(row));
    CHECK(batch.levels[i % 200] == scale.level(scorer->instant_score()));
    CHECK(batch.baselines[0][i % 200] == robust->score(row));
  }
  CHECK(heard.back().last);
  CHECK_FALSE(heard.front().last);
}

TEST_CASE_FIXTURE(fixture, "strange rows come with the feature that made them "
                           "so") {
  stream(spawn_started(), 250);
  const auto& evidence = heard.back().evidence;
  REQUIRE_FALSE(evidence.empty());
  auto first = std::ranges::find_if(evidence,
                                    [](const auto& x) { return x.row >= 800; });
  REQUIRE(first != evidence.end());
  CHECK(first->row == 800);
  REQUIRE_FALSE(first->parts.empty());
  CHECK(first->parts[0].feature == 1);
  CHECK(first->parts[0].share > 0.5);
  // How far, and from what.
  CHECK(std::abs(first->parts[0].deviations) > 3.0);
  CHECK(first->parts[0].value != first->parts[0].usual);
}

TEST_CASE_FIXTURE(fixture, "the size of batches changes nothing, and neither "
                           "does beginning anew") {
  auto bob = spawn_started();
  stream(bob, 250);
  auto whole = std::vector<double>{};
  for (const auto& batch : heard)
    whole.insert(whole.end(), batch.scores.begin(), batch.scores.end());
  heard.clear();
  REQUIRE(ask<void>(bob, detector_start{"bob", {spawn_listener()}, {}}));
  stream(bob, 50);
  auto parts = std::vector<double>{};
  for (const auto& batch : heard)
    parts.insert(parts.end(), batch.scores.begin(), batch.scores.end());
  CHECK(parts == whole);
  const auto status = ask<detector_status>(bob, query_detector{});
  REQUIRE(status);
  CHECK(status->subject == "bob");
  CHECK(status->rows_learned == 1000);
  CHECK(status->rows_scored == 1000);
  CHECK(status->state_bytes > 1000);
}

TEST_CASE_FIXTURE(fixture, "rows taken before are ignored, and a gap is an "
                           "error") {
  auto bob = spawn_started();
  const auto values = made_rows(600);
  CHECK(ask<rows_taken>(bob, batch_of(values, 0, 200, true)));
  const auto again = ask<rows_taken>(bob, batch_of(values, 0, 200, true));
  REQUIRE(again);
  CHECK(again->next == 200);
  CHECK(code_of(ask<rows_taken>(bob, batch_of(values, 400, 100, true)))
        == ec::wrong_state);
  CHECK(code_of(ask<rows_taken>(bob, batch_of(values, 100, 200, true)))
        == ec::wrong_state);
}

TEST_CASE_FIXTURE(fixture, "rows of another width, too many and none at all "
                           "are refused") {
  auto bob = spawn_started();
  const auto values = made_rows(600);
  auto wrong = batch_of(values, 0, 200, true);
  wrong.features = 4;
  CHECK(code_of(ask<rows_taken>(bob, wrong)) == ec::malformed_input);
  wrong = batch_of(values, 0, 200, true);
  wrong.values.pop_back();
  CHECK(code_of(ask<rows_taken>(bob, wrong)) == ec::malformed_input);
  CHECK(code_of(ask<rows_taken>(bob, batch_of(values, 0, 257, true)))
        == ec::malformed_input);
  CHECK(code_of(ask<rows_taken>(bob, batch_of(values, 0, 0, true)))
        == ec::malformed_input);
  CHECK(code_of(ask<rows_taken>(spawn(), batch_of(values, 0, 9, true)))
        == ec::wrong_state);
}

TEST_CASE_FIXTURE(fixture, "what a listener refuses reaches who streams") {
  auto bob = spawn_started();
  refusal = caf::make_error(ec::limit_reached, "full");
  CHECK(code_of(ask<rows_taken>(bob, batch_of(made_rows(9), 0, 9, false)))
        == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture, "a detector ends with its owner") {
  auto bob = spawn();
  auto owner = sys().spawn([] { return caf::behavior{[](int) {}}; });
  REQUIRE(ask<void>(
    bob,
    detector_start{"bob", {}, caf::actor_cast<caf::strong_actor_ptr>(owner)}));
  caf::anon_send_exit(owner, caf::exit_reason::kill);
  run();
  CHECK_FALSE(ask<detector_status>(bob, query_detector{}));
}

TEST_CASE_FIXTURE(fixture, "wrong options spawn no detector") {
  const auto error_with = [this](const char* key, caf::config_value value) {
    auto changed = options;
    changed[key] = std::move(value);
    return code_of(catalog.spawn("detector", node, changed));
  };
  CHECK(error_with("scorer", caf::config_value{"oracle"}) == ec::unknown_name);
  CHECK(error_with("baselines",
                   caf::config_value{std::vector<std::string>{"oracle"}})
        == ec::unknown_name);
  CHECK(error_with("features", caf::config_value{0}) == ec::invalid_option);
  CHECK(error_with("horizon_rows", caf::config_value{0.5})
        == ec::invalid_option);
  CHECK(error_with("alarm_weight", caf::config_value{0.0})
        == ec::invalid_option);
  CHECK(error_with("colour", caf::config_value{"red"}) == ec::invalid_option);
  CHECK(code_of(catalog.spawn("detector", node, {})) == ec::invalid_option);
}

TEST_SUITE_END();
