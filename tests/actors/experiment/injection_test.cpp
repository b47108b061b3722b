#include "actors/experiment/injection.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace starling;
using namespace starling::experiment;

namespace {

constexpr size_t width = 8;
constexpr auto missing = std::numeric_limits<double>::quiet_NaN();

/// Seven features that go through -3 ... 3 at paces of their own, and a
/// constant one. Their median absolute deviation is 2, so a deviation is
/// 2.9652.
table made_table(size_t rows, double base = 0.0) {
  auto result = table{};
  result.entity = "ann";
  for (size_t i = 0; i < width; ++i)
    result.names.push_back("m" + std::to_string(i));
  for (size_t t = 0; t < rows; ++t) {
    result.t.push_back(static_cast<int64_t>(t));
    for (size_t i = 0; i + 1 < width; ++i)
      result.values.push_back(
        base + static_cast<double>((t * (i % 6 + 1) + i) % 7) - 3.0);
    result.values.push_back(5.0);
  }
  result.labels.assign(rows, 0);
  return result;
}

constexpr auto deviation = 2.0 * 1.4826;

struct injected {
  table rows;
  std::vector<injected_stretch> stretches;
};

injected inject_into(const table& clean, const injection_choice& choice) {
  auto out = injected{clean, {}};
  const auto donor = made_table(500, 100.0);
  auto got = inject(out.rows, made_table(1400), &donor, choice);
  REQUIRE_MESSAGE(got, got.error().text);
  out.stretches = std::move(*got);
  return out;
}

size_t anomalous_rows(const table& rows) {
  return static_cast<size_t>(std::ranges::count(rows.labels, 1));
}

} // namespace

TEST_SUITE_BEGIN("experiment/injection");

TEST_CASE("rows are changed where the labels say so, and only there") {
  const auto clean = made_table(7000);
  for (auto kind : injection_kinds()) {
    CAPTURE(kind);
    const auto choice = injection_choice{.kind = std::string{kind}};
    const auto got = inject_into(clean, choice);
    CHECK(static_cast<double>(anomalous_rows(got.rows)) / 7000
          == doctest::Approx(0.05).epsilon(0.15));
    auto inside = std::vector<bool>(7000);
    for (const auto& x : got.stretches)
      for (auto t = x.begin; t < x.end; ++t)
        inside[t] = true;
    for (size_t t = 0; t < 7000; ++t) {
      REQUIRE((got.rows.labels[t] != 0) == inside[t]);
      if (!inside[t])
        REQUIRE(std::ranges::equal(got.rows.row(t), clean.row(t)));
      // Nothing is known of a constant feature, so it is left alone.
      REQUIRE(got.rows.row(t)[width - 1] == 5.0);
    }
  }
}

TEST_CASE("a seed gives the same rows, another one others") {
  const auto clean = made_table(3000);
  for (auto kind : injection_kinds()) {
    auto choice = injection_choice{.kind = std::string{kind}, .seed = 7};
    const auto one = inject_into(clean, choice);
    CHECK(one.rows.values == inject_into(clean, choice).rows.values);
    choice.seed = 8;
    CHECK(one.rows.labels != inject_into(clean, choice).rows.labels);
  }
}

TEST_CASE("strength moves no stretch and no lot") {
  const auto clean = made_table(3000);
  for (auto kind : injection_kinds()) {
    CAPTURE(kind);
    auto choice = injection_choice{.kind = std::string{kind}, .strength = 2};
    const auto weak = inject_into(clean, choice);
    choice.strength = 8;
    const auto strong = inject_into(clean, choice);
    CHECK(weak.rows.labels == strong.rows.labels);
    for (size_t i = 0; i < weak.stretches.size(); ++i)
      CHECK(std::ranges::includes(strong.stretches[i].features,
                                  weak.stretches[i].features));
  }
}

TEST_CASE("spikes and shifts are as many deviations off as was asked for") {
  const auto clean = made_table(3000);
  for (const auto* kind : {"spike", "level-shift"}) {
    const auto got = inject_into(clean, {.kind = kind, .strength = 8});
    for (const auto& x : got.stretches) {
      // A quarter of seven, rounded.
      CHECK(x.features.size() == 2);
      for (auto i : x.features)
        CHECK(std::abs(got.rows.row(x.begin)[i] - clean.row(x.begin)[i])
              == doctest::Approx(8 * deviation));
    }
    CHECK(got.stretches.front().end - got.stretches.front().begin
          <= (kind == std::string{"spike"} ? 1 : 45));
  }
}

TEST_CASE("a drift grows evenly to its strength") {
  const auto clean = made_table(3000);
  const auto got = inject_into(clean, {.kind = "drift", .strength = 4});
  for (const auto& x : got.stretches) {
    const auto i = x.features.front();
    const auto size = static_cast<double>(x.end - x.begin);
    const auto offset = [&](size_t t) {
      return std::abs(got.rows.row(t)[i] - clean.row(t)[i]);
    };
    CHECK(offset(x.end - 1) == doctest::Approx(4 * deviation));
    CHECK(offset(x.begin) == doctest::Approx(4 * deviation / size));
  }
}

TEST_CASE("a surge has the proportions of some row, and its strength in all") {
  const auto clean = made_table(3000);
  const auto got = inject_into(clean, {.kind = "surge", .strength = 4});
  for (const auto& x : got.stretches) {
    CHECK(x.features.size() == 7);
    auto offset = std::vector<double>{};
    auto squares = 0.0;
    for (size_t i = 0; i < 7; ++i) {
      offset.push_back(got.rows.row(x.begin)[i] - clean.row(x.begin)[i]);
      squares += offset[i] * offset[i];
    }
    CHECK(std::sqrt(squares / 7) == doctest::Approx(4 * deviation));
    auto found = false;
    for (size_t t = 0; t < 7 && !found; ++t) {
      // The middle of all rows is 0.
      const auto row = clean.row(t);
      const auto factor
        = std::abs(row[0]) > 0.5 ? offset[0] / row[0] : offset[1] / row[1];
      found = factor > 0.0;
      for (size_t i = 0; i < 7; ++i)
        found = found && std::abs(offset[i] - factor * row[i]) < 1e-9;
    }
    CHECK(found);
  }
}

TEST_CASE("broken correlation shows no value that the feature never had") {
  const auto clean = made_table(3000);
  const auto got = inject_into(clean, {.kind = "broken-correlation"});
  for (const auto& x : got.stretches) {
    // 4/8 of seven features.
    CHECK(x.features.size() == 4);
    for (auto t = x.begin; t < x.end; ++t)
      for (auto i : x.features)
        CHECK(std::abs(got.rows.row(t)[i]) <= 3.0);
  }
}

TEST_CASE("mimicry leaves no feature's usual range") {
  const auto clean = made_table(3000);
  const auto got = inject_into(clean, {.kind = "mimicry", .strength = 8});
  for (const auto& x : got.stretches) {
    CHECK(x.features.size() == 7);
    for (auto t = x.begin; t < x.end; ++t)
      for (auto i : x.features)
        // 8 deviations are beyond the range, so each is at one of its ends.
        CHECK(std::abs(got.rows.row(t)[i]) == 3.0);
  }
}

TEST_CASE("an impostor shows rows of another agent") {
  const auto got
    = inject_into(made_table(3000), {.kind = "impersonation", .strength = 8});
  for (const auto& x : got.stretches)
    for (auto i : x.features)
      CHECK(got.rows.row(x.begin)[i] >= 97.0);
}

TEST_CASE("frozen features stay as they were before") {
  const auto clean = made_table(3000);
  const auto got = inject_into(clean, {.kind = "frozen", .strength = 8});
  for (const auto& x : got.stretches)
    for (auto t = x.begin; t < x.end; ++t)
      for (auto i : x.features)
        CHECK(got.rows.row(t)[i] == clean.row(x.begin - 1)[i]);
}

TEST_CASE("true anomalies and ten rows around them are cut out") {
  auto rows = made_table(1000);
  rows.labels[0] = 1;
  rows.labels[500] = rows.labels[501] = 1;
  const auto got = inject_into(rows, {.kind = "spike"}).rows;
  // 0 to 10 and 490 to 511 are gone.
  CHECK(got.rows() == 1000 - 11 - 22);
  CHECK(got.values.size() == got.rows() * width);
  CHECK(got.t.front() == 11);
  CHECK(std::ranges::count_if(got.t, [](auto t) { return t >= 490 && t < 512; })
        == 0);
}

TEST_CASE("a missing value stays missing") {
  auto rows = made_table(1000);
  std::ranges::fill(rows.values, missing);
  const auto got = inject_into(rows, {.kind = "level-shift"}).rows;
  CHECK(
    std::ranges::all_of(got.values, [](double x) { return std::isnan(x); }));
}

TEST_CASE("what can't be done is said with the entity and the remedy") {
  const auto training = made_table(1400);
  const auto error_of = [&](table rows, const injection_choice& choice) {
    const auto got = inject(rows, training, nullptr, choice);
    REQUIRE(!got);
    CHECK(got.error().text.find("ann") != std::string::npos);
    return got.error();
  };
  CHECK(error_of(made_table(500), {.kind = "x"}).text.find("mimicry")
        != std::string::npos);
  CHECK(error_of(made_table(500), {.kind = "spike", .strength = -1}).code
        == ec::invalid_option);
  CHECK(error_of(made_table(500), {.kind = "spike", .share = 0.4}).code
        == ec::invalid_option);
  CHECK(error_of(made_table(500), {.kind = "impersonation"}).code
        == ec::invalid_option);
  CHECK(error_of(made_table(99), {.kind = "spike"}).code
        == ec::malformed_input);
  auto unlabelled = made_table(500);
  unlabelled.labels.clear();
  CHECK(error_of(unlabelled, {.kind = "spike"}).code == ec::malformed_input);
}

TEST_SUITE_END();
