#include "actors/detector/calibrator.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using starling::ec;
using starling::detector::calibrator;

namespace {

calibrator make(const calibrator::options& opts = {}) {
  auto made = calibrator::make(opts);
  REQUIRE(made);
  return *made;
}

/// Ordinary scores: exponentially distributed, independent.
class ordinary_scores {
public:
  double next() {
    return -std::log((static_cast<double>(engine_()) + 0.5) / 4294967296.0);
  }

private:
  std::mt19937 engine_{7};
};

} // namespace

TEST_SUITE_BEGIN("detector/calibrator");

// Vovk et al.: of n scores of one kind, the next is the highest of all with a
// probability of 1 / (n + 1).
TEST_CASE("the p-value of a record among n scores is 1 / (n + 1)") {
  auto subject = make({.half_life_rows = 1e6});
  for (auto i = 1; i <= 99; ++i)
    subject.seed(i);
  CHECK(subject.p_value(1000.0) == doctest::Approx(0.01).epsilon(1e-3));
  CHECK(subject.p_value(0.5) == doctest::Approx(1.0));
  CHECK(subject.p_value(50.0) == doctest::Approx(0.5).epsilon(0.03));
}

// With scores of one kind in any order the promise is exact: above v on
// 1 - v^(1/16) of the rows: .0032, .0138 and .0725. The margins cover chance in
// 200,000 rows, the resolution of the bins, and the guard.
TEST_CASE("ordinary rows exceed a level as rarely as it promises") {
  auto subject = make();
  auto scores = ordinary_scores{};
  for (auto i = 0; i < 8000; ++i)
    subject.seed(scores.next());
  const auto rows = 200000;
  auto above_95 = 0;
  auto above_80 = 0;
  auto above_30 = 0;
  for (auto i = 0; i < rows; ++i) {
    const auto level = subject.level(scores.next());
    above_95 += level > 0.95 ? 1 : 0;
    above_80 += level > 0.8 ? 1 : 0;
    above_30 += level > 0.3 ? 1 : 0;
  }
  CHECK(above_95 < rows * 0.0042);
  CHECK(above_95 > rows * 0.0022);
  CHECK(above_80 == doctest::Approx(rows * 0.0138).epsilon(0.15));
  CHECK(above_30 == doctest::Approx(rows * 0.0725).epsilon(0.05));
}

TEST_CASE("levels rise with scores and stay in [0, 1]") {
  auto subject = make();
  auto scores = ordinary_scores{};
  for (auto i = 0; i < 4000; ++i)
    subject.seed(scores.next());
  auto previous = 1.0;
  for (auto score = 1e-3; score < 1e12; score *= 1.5) {
    const auto p = subject.p_value(score);
    REQUIRE(p > 0.0);
    REQUIRE(p <= previous);
    previous = p;
  }
  CHECK(subject.level(1e300) > 0.95);
  CHECK(subject.level(0.0) < 0.01);
}

TEST_CASE("who knows little raises no alarm") {
  auto subject = make();
  for (auto i = 0; i < 280; ++i)
    subject.seed(1.0);
  CHECK(subject.level(1e9) < 0.95);
  for (auto i = 0; i < 100; ++i)
    subject.seed(1.0);
  CHECK(subject.level(1e9) > 0.95);
}

TEST_CASE(
  "scores in alarm become ordinary ten times as slowly, but for a few") {
  const auto rows_until_calm = [](double weight) {
    auto subject = make({.alarm_weight = weight});
    auto scores = ordinary_scores{};
    for (auto i = 0; i < 20000; ++i)
      subject.seed(scores.next());
    auto rows = 0;
    while (subject.level(1000.0) > 0.95)
      ++rows;
    return rows;
  };
  const auto guarded = rows_until_calm(0.1);
  const auto open = rows_until_calm(1.0);
  CHECK(open > 5);
  CHECK(guarded > 7 * open);
}

TEST_CASE("an agent that has changed for good is judged by its new ways") {
  auto subject = make();
  auto scores = ordinary_scores{};
  for (auto i = 0; i < 8000; ++i)
    subject.seed(scores.next());
  for (auto i = 0; i < 20000; ++i)
    (void)subject.level(50.0 * scores.next());
  CHECK(subject.level(100.0) < 0.3);
}

TEST_CASE("what is not finite is the highest of all and is not remembered") {
  auto subject = make();
  for (auto i = 0; i < 2000; ++i)
    subject.seed(1.0);
  const auto before = subject.p_value(2.0);
  subject.seed(std::numeric_limits<double>::quiet_NaN());
  CHECK(subject.level(std::numeric_limits<double>::quiet_NaN()) > 0.95);
  CHECK(subject.level(HUGE_VAL) > 0.95);
  CHECK(subject.p_value(2.0) == before);
}

TEST_CASE("weights stay in range over millions of rows") {
  auto subject = make({.half_life_rows = 512.0});
  auto scores = ordinary_scores{};
  for (auto i = 0; i < 300000; ++i)
    (void)subject.level(scores.next());
  CHECK(subject.p_value(0.693) == doctest::Approx(0.5).epsilon(0.3));
}

TEST_CASE("options out of range are refused") {
  for (const auto& opts : {calibrator::options{.half_life_rows = 1.0},
                           calibrator::options{.horizon_rows = 0.0},
                           calibrator::options{.alarm_above = 0.0},
                           calibrator::options{.alarm_weight = 2.0}}) {
    const auto made = calibrator::make(opts);
    REQUIRE(!made);
    CHECK(made.error().code == ec::invalid_option);
  }
}

TEST_CASE("a horizon that no score could reach is refused") {
  const auto made = calibrator::make({.horizon_rows = 256.0});
  REQUIRE(!made);
  CHECK(made.error().code == ec::invalid_option);
  CHECK(made.error().text.find("no row would ever be in alarm")
        != std::string::npos);
  // The longest one that may be asked for can be reached.
  auto subject = make({.horizon_rows = 220.0});
  auto scores = ordinary_scores{};
  for (auto i = 0; i < 20'000; ++i)
    (void)subject.level(scores.next());
  CHECK(subject.level(1'000.0) > 0.95);
}

TEST_SUITE_END();
