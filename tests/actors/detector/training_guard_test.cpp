#include "actors/detector/training_guard.hpp"

#include "tests/actors/detector/made_rows.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

using starling::detector::made_rows;
using starling::detector::row_trust;
using starling::detector::training_guard;

namespace {

constexpr size_t features = 10;

/// Rows of which those that `is_odd` names are far off in three features.
template <class Predicate>
training_guard trained(size_t rows, Predicate is_odd) {
  auto made = made_rows{features};
  auto result = training_guard{{.features = features}};
  for (size_t i = 0; i < rows; ++i) {
    auto row = made.next();
    if (is_odd(i))
      for (size_t k : {1, 4, 8})
        row[k] += 40.0 * made_rows::unit_of(k);
    result.add(row);
  }
  result.renew();
  return result;
}

std::vector<double> odd_row() {
  auto row = made_rows{features, 7}.next();
  for (size_t k : {1, 4, 8})
    row[k] += 40.0 * made_rows::unit_of(k);
  return row;
}

/// Rows whose features go in pairs.
class twins {
public:
  std::vector<double> next() {
    auto row = std::vector<double>(features);
    for (size_t i = 0; i < features; i += 2) {
      row[i] = normal_(engine_);
      row[i + 1] = row[i] + 0.05 * normal_(engine_);
    }
    return row;
  }

  /// Each value from another row.
  std::vector<double> scrambled() {
    auto row = std::vector<double>(features);
    for (size_t i = 0; i < features; ++i)
      row[i] = next()[i];
    return row;
  }

  /// One feature at its limit.
  std::vector<double> burst() {
    auto row = next();
    row[4] = 40.0;
    row[5] = 40.0 + 0.05 * normal_(engine_);
    return row;
  }

private:
  std::mt19937_64 engine_{1};
  std::normal_distribution<double> normal_;
};

} // namespace

TEST_SUITE_BEGIN("detector/training_guard");

TEST_CASE("ordinary rows are believed in full, nearly all of them") {
  auto guard = trained(2000, [](size_t) { return false; });
  auto made = made_rows{features, 2};
  auto in_full = 0;
  for (auto i = 0; i < 1000; ++i) {
    const auto trust = guard.judge(made.next());
    in_full += trust.relations == 1.0 ? 1 : 0;
  }
  CHECK(in_full > 990);
}

TEST_CASE("a row that is far out as a whole is not believed") {
  auto guard = trained(2000, [](size_t) { return false; });
  CHECK(!guard.judge(odd_row()).believed());
}

TEST_CASE("a third of wild rows, in any order, is found out") {
  const auto scattered = [](size_t i) { return i % 3 == 0; };
  const auto first = [](size_t i) { return i < 600; };
  const auto last = [](size_t i) { return i >= 1400; };
  for (auto guard :
       {trained(2000, scattered), trained(2000, first), trained(2000, last)}) {
    CHECK(!guard.judge(odd_row()).believed());
    CHECK(guard.judge(made_rows{features, 3}.next()).believed());
  }
}

TEST_CASE("a rare burst of one feature teaches ranges, less of relations") {
  auto guard = trained(2000, [](size_t) { return false; });
  auto row = made_rows{features, 5}.next();
  row[2] += 5.0 * made_rows::unit_of(2);
  const auto trust = guard.judge(row);
  CHECK(trust.ranges == 1.0);
  CHECK(trust.relations < 0.7);
  CHECK(trust.relations > 0.0);
}

// A fifth of the rows instead of the 8 % that pass for bursts: (.08 / .2)^4 is
// .026; the sample has the fifth only within chance.
TEST_CASE("bursts that are many are hardly believed") {
  auto made = twins{};
  auto guard = training_guard{{.features = features}};
  for (auto i = 0; i < 2000; ++i)
    guard.add(i % 5 == 0 ? made.burst() : made.next());
  guard.renew();
  const auto trust = guard.judge(made.burst());
  CHECK(trust.ranges < 0.05);
  CHECK(trust.believed());
}

TEST_CASE("what is hardly believed is not believed at all") {
  auto made = twins{};
  auto guard = training_guard{{.features = features}};
  for (auto i = 0; i < 2000; ++i)
    guard.add(i % 3 == 0 ? made.burst() : made.next());
  guard.renew();
  CHECK_FALSE(guard.judge(made.burst()).believed());
}

TEST_CASE("values that are ordinary each but don't belong together are not "
          "believed where they are many; bursts beside them are") {
  for (const auto every : {100, 5}) {
    CAPTURE(every);
    auto made = twins{};
    auto guard = training_guard{{.features = features}};
    for (auto i = 0; i < 3000; ++i)
      guard.add(i % every == 1 ? made.scrambled()
                : i % 40 == 0  ? made.burst()
                               : made.next());
    guard.renew();
    const auto trust = guard.judge(made.scrambled());
    CHECK(trust.believed() == (every == 100));
    CHECK(trust.relations < 0.5);
    CHECK(guard.judge(made.next()).relations == 1.0);
    CHECK(guard.judge(made.burst()).ranges == 1.0);
  }
}

TEST_CASE("it takes back what it believed of a poisoned beginning") {
  auto made = made_rows{features};
  auto guard = training_guard{{.features = features}};
  for (size_t i = 0; i < 1000; ++i) {
    auto row = made.next();
    for (auto& x : row)
      x *= -3.0;
    guard.add(row);
  }
  guard.accept();
  auto changed = 0.0;
  for (size_t i = 0; i < 4000; ++i) {
    guard.add(made.next());
    changed = std::max(changed, guard.changed());
  }
  CHECK(changed > 0.15);
}

TEST_CASE("missing and endless values do no harm") {
  auto made = made_rows{features};
  auto guard = training_guard{{.features = features}};
  for (size_t i = 0; i < 1000; ++i) {
    auto row = made.next();
    row[i % features] = i % 2 == 0 ? std::numeric_limits<double>::quiet_NaN()
                                   : std::numeric_limits<double>::infinity();
    if (i % 5 == 0)
      row[(i + 1) % features] = 1e308;
    guard.add(row);
  }
  guard.renew();
  CHECK(guard.judge(made.next()).believed());
}

TEST_SUITE_END();
