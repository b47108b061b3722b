#include "actors/detector/flock_scorer.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using starling::detector::flock_scorer;
using starling::detector::made_rows;

namespace {

constexpr size_t features = 10;

flock_scorer trained(made_rows& rows) {
  auto subject = flock_scorer{{.features = features, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 3000; ++i)
    subject.learn(rows.next());
  return subject;
}

double highest_ordinary(flock_scorer& subject, made_rows& rows) {
  auto highest = 0.0;
  for (auto i = 0; i < 500; ++i)
    highest = std::max(highest, subject.score(rows.next()));
  return highest;
}

} // namespace

TEST_SUITE_BEGIN("detector/flock_scorer");

TEST_CASE("a feature that freezes at an ordinary value is seen") {
  auto rows = made_rows{features};
  auto subject = trained(rows);
  const auto highest = highest_ordinary(subject, rows);
  const auto stuck = rows.next();
  auto score = 0.0;
  for (auto i = 0; i < 20; ++i)
    score = subject.score(stuck);
  CHECK(score > highest);
}

TEST_CASE("the feature that breaks ranks is named first") {
  auto rows = made_rows{features};
  auto subject = trained(rows);
  auto odd = rows.next();
  odd[9] += 8.0 * made_rows::unit_of(9);
  subject.score(odd);
  const auto shares = subject.explain();
  REQUIRE(!shares.empty());
  CHECK(shares[0].feature == 9);
}

TEST_CASE("a long incident does not become ordinary by lasting") {
  auto rows = made_rows{features};
  auto subject = trained(rows);
  const auto highest = highest_ordinary(subject, rows);
  auto lowest = 1e9;
  for (auto i = 0; i < 300; ++i)
    lowest = std::min(lowest, subject.score(rows.next(15.0)));
  CHECK(lowest > highest);
}

TEST_CASE("a change for good is accepted in the end") {
  auto rows = made_rows{features};
  auto subject = trained(rows);
  const auto at_first = subject.score(rows.next(15.0));
  auto at_last = 0.0;
  for (auto i = 0; i < 30000; ++i)
    at_last = subject.score(rows.next(15.0));
  CHECK(at_last < 0.2 * at_first);
}

// A day has 288 rows of five minutes.
TEST_CASE("a feature that comes in another unit is strange for a week at most, "
          "and hides nothing in the others") {
  for (auto factor : {1000.0, 1.0 / 1024.0}) {
    auto rows = made_rows{features};
    auto subject = trained(rows);
    const auto highest = highest_ordinary(subject, rows);
    const auto next = [&] {
      auto row = rows.next();
      row[2] *= factor;
      return row;
    };
    CHECK(subject.score(next()) > highest);
    for (auto i = 0; i < 7 * 288; ++i)
      subject.score(next());
    auto highest_after = 0.0;
    for (auto i = 0; i < 500; ++i)
      highest_after = std::max(highest_after, subject.score(next()));
    CHECK(highest_after < 1.5 * highest);
    auto odd = next();
    odd[9] += 8.0 * made_rows::unit_of(9);
    CHECK(subject.score(odd) > 1.5 * highest_after);
  }
}

TEST_CASE("anomalies in one training row of twenty do not blind it") {
  auto rows = made_rows{features};
  auto subject = flock_scorer{{.features = features, .smoothing_rows = 0.0}};
  for (auto i = 0; i < 3000; ++i) {
    auto row = rows.next();
    if (i % 20 == 7)
      row[5] += 30.0 * made_rows::unit_of(5);
    subject.learn(row);
  }
  const auto highest = highest_ordinary(subject, rows);
  CHECK(subject.score(rows.next(15.0)) > highest);
}

// The same rows are scored after clean and after poisoned training.
TEST_CASE("a fifth of poisoned training rows costs little of the distance") {
  const auto height = [](bool poisoned) {
    auto rows = made_rows{features};
    auto subject = flock_scorer{{.features = features, .smoothing_rows = 0.0}};
    for (auto i = 0; i < 3000; ++i) {
      auto row = rows.next();
      if (poisoned && i % 5 == 2)
        for (size_t k : {1, 5, 7})
          row[k] += 30.0 * made_rows::unit_of(k);
      subject.learn(row);
    }
    const auto highest = highest_ordinary(subject, rows);
    auto odd = rows.next();
    odd[5] += 2.0 * made_rows::unit_of(5);
    return subject.score(odd) / highest;
  };
  CHECK(height(true) > 2.0);
  CHECK(height(true) > 0.7 * height(false));
}

TEST_CASE("a poisoned beginning is unlearned") {
  const auto height = [](bool poisoned) {
    auto rows = made_rows{features};
    auto subject = flock_scorer{{.features = features, .smoothing_rows = 0.0}};
    for (auto i = 0; i < 5000; ++i) {
      auto row = rows.next();
      if (poisoned && i < 1000)
        for (auto& x : row)
          x *= -3.0;
      subject.learn(row);
    }
    const auto highest = highest_ordinary(subject, rows);
    auto odd = rows.next();
    odd[5] += 3.0 * made_rows::unit_of(5);
    return subject.score(odd) / highest;
  };
  CHECK(height(true) > 2.0);
  CHECK(height(true) > 0.7 * height(false));
}

// All features flap for twenty rows: each value is ordinary, the pace is not.
TEST_CASE("how wildly the pace changes is cut, and remembered for longer") {
  const auto after = [](double reach, int rows_after) {
    auto rows = made_rows{features};
    auto subject = flock_scorer{{.features = features, .smoothing_rows = 12.0}};
    for (auto i = 0; i < 3000; ++i)
      subject.learn(rows.next());
    auto score = 0.0;
    for (auto i = 0; i < 220 + rows_after; ++i) {
      auto row = rows.next();
      if (i >= 200 && i < 220)
        for (size_t k = 0; k < features; ++k)
          row[k] = (i % 2 == 0 ? reach : -reach) * made_rows::unit_of(k);
      score = subject.score(row);
    }
    return score;
  };
  const auto calm = after(0.5, 40);
  CHECK(after(4.0, 40) > 1.5 * calm);
  // 24 of it at most for the pace; uncut all would be 64.
  CHECK(after(100.0, 0) < 57.0);
}

TEST_CASE("what only training needs is let go when it is over") {
  auto rows = made_rows{features};
  auto subject = trained(rows);
  const auto while_training = subject.state_bytes();
  subject.settle();
  CHECK(subject.state_bytes() < while_training / 4);
}

TEST_SUITE_END();
