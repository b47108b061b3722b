#include "actors/detector/scorer.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>

using namespace starling;
using detector::made_rows;
using detector::make_scorer;
using detector::scorer;

namespace {

constexpr size_t features = 10;

constexpr auto missing = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<scorer> make(std::string_view name, double smoothing = 0.0) {
  auto made
    = make_scorer(name, {.features = features, .smoothing_rows = smoothing});
  REQUIRE(made);
  return std::move(*made);
}

/// Returns a scorer that knows 2000 ordinary rows.
std::unique_ptr<scorer> trained(std::string_view name, made_rows& rows) {
  auto subject = make(name);
  for (auto i = 0; i < 2000; ++i)
    subject->learn(rows.next());
  return subject;
}

} // namespace

TEST_SUITE_BEGIN("detector/scorer");

TEST_CASE("a level shift in all features scores above all ordinary rows") {
  for (auto name : detector::names()) {
    // The load is the leading component: what lies on it is explained.
    if (name == "pca")
      continue;
    CAPTURE(name);
    auto rows = made_rows{features};
    auto subject = trained(name, rows);
    auto highest = 0.0;
    for (auto i = 0; i < 500; ++i)
      highest = std::max(highest, subject->score(rows.next()));
    CHECK(subject->score(rows.next(15.0)) > highest);
  }
}

TEST_CASE("one row that breaks a correlation is seen by whitening scorers") {
  for (auto name : {"flock", "mahalanobis", "pca"}) {
    CAPTURE(name);
    auto rows = made_rows{features};
    auto subject = trained(name, rows);
    auto highest = 0.0;
    for (auto i = 0; i < 500; ++i)
      highest = std::max(highest, subject->score(rows.next()));
    // Two load deviations are ordinary for a feature, but not for one alone.
    auto odd = rows.next();
    odd[4] += 2.5 * made_rows::unit_of(4);
    CHECK(subject->score(odd) > 1.5 * highest);
    REQUIRE(!subject->explain().empty());
  }
}

TEST_CASE("scores are finite and not negative, whatever comes in") {
  const auto hostile
    = {0.0, 1.0, -1.0, 1e308, -1e308, 5e-324, missing, HUGE_VAL, -HUGE_VAL};
  for (auto name : detector::names()) {
    CAPTURE(name);
    auto subject = make(name);
    for (auto round = 0; round < 400; ++round)
      for (auto x : hostile) {
        auto row = std::vector<double>(features, x);
        row[static_cast<size_t>(round) % features] = 1.0;
        if (round % 3 == 0)
          subject->learn(row);
        const auto score = subject->score(row);
        REQUIRE(std::isfinite(score));
        REQUIRE(score >= 0.0);
        REQUIRE(std::isfinite(subject->instant_score()));
      }
  }
}

TEST_CASE("a constant feature does no harm") {
  for (auto name : detector::names()) {
    CAPTURE(name);
    auto rows = made_rows{features};
    auto subject = make(name);
    for (auto i = 0; i < 2000; ++i) {
      auto row = rows.next();
      row[3] = 42.0;
      subject->learn(row);
    }
    auto row = rows.next();
    row[3] = 42.0;
    CHECK(subject->score(row) < 10.0);
  }
}

TEST_CASE("missing values raise no alarm") {
  auto rows = made_rows{features};
  auto subject = trained("flock", rows);
  auto row = rows.next();
  row[2] = missing;
  row[7] = missing;
  CHECK(subject->score(row) < 30.0);
}

TEST_CASE("a score depends on no row after it") {
  for (auto name : detector::names()) {
    CAPTURE(name);
    auto rows = made_rows{features};
    auto one = trained(name, rows);
    auto again = made_rows{features};
    auto two = trained(name, again);
    const auto row = rows.next();
    CHECK(one->score(row) == two->score(row));
    one->score(rows.next(20.0));
  }
}

TEST_CASE("state is small and does not grow") {
  for (auto name : detector::names()) {
    CAPTURE(name);
    auto made = make_scorer(name, {.features = 38});
    REQUIRE(made);
    auto rows = made_rows{38};
    const auto before = (*made)->state_bytes();
    for (auto i = 0; i < 300; ++i)
      (*made)->score(rows.next());
    CHECK((*made)->state_bytes() == before);
    CHECK(before <= 16 * 1024);
  }
}

TEST_CASE("smoothing with half-life 1 halves the distance on each row") {
  auto rows = made_rows{features};
  auto plain = trained("mahalanobis", rows);
  auto again = made_rows{features};
  auto smooth = make("mahalanobis", 1.0);
  for (auto i = 0; i < 2000; ++i)
    smooth->learn(again.next());
  const auto first = rows.next();
  const auto second = rows.next();
  const auto x = plain->score(first);
  const auto y = plain->score(second);
  CHECK(smooth->score(first) == doctest::Approx(x));
  CHECK(smooth->score(second) == doctest::Approx(0.5 * (x + y)));
  CHECK(smooth->instant_score() == doctest::Approx(y));
}

TEST_CASE("a wrong name or option is refused with what would be right") {
  const auto unknown = make_scorer("no-such", {.features = 3});
  REQUIRE(!unknown);
  CHECK(unknown.error().code == ec::unknown_name);
  CHECK(unknown.error().text.find("flock") != std::string::npos);
  const auto empty = make_scorer("flock", {.features = 0});
  REQUIRE(!empty);
  CHECK(empty.error().code == ec::invalid_option);
  CHECK(!make_scorer("flock", {.features = 100000}));
  CHECK(!make_scorer("flock", {.features = 3, .smoothing_rows = missing}));
}

TEST_SUITE_END();
