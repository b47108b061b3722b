#include "actors/experiment/training_poison.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::experiment;

namespace {

/// Ten features that swing between 0 and 2: mean 1, deviation 1.
table made_table(size_t rows, double base = 0.0) {
  auto result = table{};
  result.entity = "ann";
  for (auto i = 0; i < 10; ++i)
    result.names.push_back("m" + std::to_string(i));
  for (size_t t = 0; t < rows; ++t) {
    result.t.push_back(static_cast<int64_t>(t));
    for (auto i = 0; i < 10; ++i)
      result.values.push_back(base + (t % 2 == 0 ? 0.0 : 2.0));
  }
  return result;
}

size_t rows_changed(const table& one, const table& two) {
  auto result = size_t{0};
  for (size_t t = 0; t < one.rows(); ++t)
    result += std::ranges::equal(one.row(t), two.row(t)) ? 0 : 1;
  return result;
}

} // namespace

TEST_SUITE_BEGIN("experiment/training_poison");

TEST_CASE("about the given share of rows is spoiled, the same with each seed") {
  const auto clean = made_table(12000);
  auto test = made_table(100, 50.0);
  test.labels.assign(100, 1);
  for (auto kind : poison_kinds()) {
    CAPTURE(kind);
    auto one = clean;
    auto two = clean;
    const auto choice
      = poison_choice{.share = 0.2, .kind = std::string{kind}, .seed = 3};
    REQUIRE(poison_training(one, choice, {&test, &test}));
    REQUIRE(poison_training(two, choice, {&test, &test}));
    CHECK(one.values == two.values);
    const auto changed = static_cast<double>(rows_changed(clean, one));
    CHECK(changed / 12000 == doctest::Approx(0.2).epsilon(0.2));
  }
}

TEST_CASE("spikes are ten deviations high, in five features at most") {
  const auto clean = made_table(1000);
  auto spoiled = clean;
  REQUIRE(poison_training(spoiled, {.share = 0.2, .kind = "spikes"}, {}));
  for (size_t t = 0; t < clean.rows(); ++t) {
    auto hit = 0;
    for (size_t i = 0; i < 10; ++i)
      if (const auto offset = std::abs(spoiled.row(t)[i] - clean.row(t)[i]);
          offset > 0.0) {
        ++hit;
        // A feature that is drawn twice is hit twice.
        CHECK(std::remainder(offset, 10.0)
              == doctest::Approx(0.0).epsilon(1e-3));
      }
    CHECK(hit <= 5);
  }
}

TEST_CASE("rows of incidents are labelled rows") {
  auto test = made_table(100, 50.0);
  test.labels.assign(100, 0);
  test.labels[7] = 1;
  test.values[70] = 77.0;
  const auto clean = made_table(1000);
  auto spoiled = clean;
  REQUIRE(poison_training(spoiled, {.share = 0.3, .kind = "incidents"},
                          {.own_test = &test}));
  for (size_t t = 0; t < clean.rows(); ++t)
    CHECK((spoiled.row(t)[0] < 3.0 || spoiled.row(t)[0] == 77.0));
  CHECK(rows_changed(clean, spoiled) > 100);
}

TEST_CASE("a share of zero spoils nothing") {
  const auto clean = made_table(100);
  auto same = clean;
  REQUIRE(poison_training(same, {.share = 0.0}, {}));
  CHECK(same.values == clean.values);
}

TEST_CASE("an unknown kind, and a donor of another width, are refused") {
  auto target = made_table(100);
  const auto unknown
    = poison_training(target, {.share = 0.2, .kind = "cyanide"}, {});
  REQUIRE(!unknown);
  CHECK(unknown.error().text.find("scrambled") != std::string::npos);
  auto narrow = made_table(10);
  narrow.names.resize(9);
  CHECK(!poison_training(target, {.share = 0.2, .kind = "foreign"},
                         {.other = &narrow}));
  CHECK(!poison_training(target, {.share = 0.2, .kind = "foreign"}, {}));
}

TEST_SUITE_END();
