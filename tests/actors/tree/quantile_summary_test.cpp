#include "actors/tree/quantile_summary.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using starling::ec;
using starling::tree::quantile_summary;
using starling::tree::summary_parts;

namespace {

quantile_summary make(size_t points_max = 128) {
  auto made = quantile_summary::make({.points_max = points_max});
  REQUIRE(made);
  return *made;
}

} // namespace

TEST_SUITE_BEGIN("tree/quantile_summary");

TEST_CASE("a summary that is not full is exact") {
  auto summary = make();
  for (auto i = 100; i >= 1; --i)
    summary.add(i);
  CHECK(summary.weight() == doctest::Approx(100.0));
  CHECK(summary.quantile(0.0) == 1.0);
  CHECK(summary.quantile(0.5) == 50.0);
  CHECK(summary.quantile(1.0) == 100.0);
}

// Agarwal et al.: the rank error is a part of the weight, not of the values.
TEST_CASE("ranks in a tree of four levels are off by four groups at most") {
  auto engine = std::mt19937{3};
  auto values = std::vector<double>(4096);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i);
  for (auto i = values.size() - 1; i > 0; --i)
    std::swap(values[i], values[engine() % (i + 1)]);
  auto level = std::vector<quantile_summary>{};
  for (size_t i = 0; i < values.size(); i += 8) {
    level.push_back(make(64));
    for (size_t j = 0; j < 8; ++j)
      level.back().add(values[i + j]);
  }
  while (level.size() > 1) {
    auto above = std::vector<quantile_summary>{};
    for (size_t i = 0; i < level.size(); i += 8) {
      above.push_back(make(64));
      for (size_t j = i; j < std::min(i + 8, level.size()); ++j)
        above.back().merge(level[j]);
    }
    level = above;
  }
  CHECK(level[0].weight() == doctest::Approx(4096.0));
  CHECK(level[0].encode().values.size() == 64);
  for (auto q = 0.05; q < 1.0; q += 0.05)
    CHECK(std::abs(level[0].quantile(q) - q * 4096.0) < 4.0 / 64.0 * 4096.0);
}

TEST_CASE("only reported values come out") {
  auto summary = make(8);
  for (auto i = 0; i < 100; ++i)
    summary.add(i % 2 == 0 ? 0.0 : 1e9);
  for (auto value : summary.encode().values)
    CHECK((value == 0.0 || value == 1e9));
  CHECK(summary.weight() == doctest::Approx(100.0));
}

TEST_CASE("the same calls give the same bits") {
  auto one = make(16);
  auto two = make(16);
  for (auto i = 0; i < 1000; ++i) {
    one.add(std::sin(i));
    two.add(std::sin(i));
  }
  CHECK(one.encode() == two.encode());
}

TEST_CASE("no agent counts for more than one, and silence not at all") {
  auto summary = make();
  summary.add(5.0, 1e9);
  CHECK(summary.weight() == 1.0);
  summary.add(std::nan(""));
  summary.add(std::numeric_limits<double>::infinity());
  summary.add(1.0, 0.0);
  summary.add(1.0, -1.0);
  summary.add(1.0, std::nan(""));
  CHECK(summary.weight() == 1.0);
}

TEST_CASE("what was encoded can be decoded") {
  auto summary = make();
  for (auto i = 0; i < 1000; ++i)
    summary.add(i * 0.5);
  const auto copy = quantile_summary::decode(summary.encode(), 1000.0, {});
  REQUIRE(copy);
  CHECK(copy->encode() == summary.encode());
}

TEST_CASE("hostile parts are refused") {
  const auto refused = [](summary_parts parts, ec code) {
    const auto made = quantile_summary::decode(parts, 3.0, {.points_max = 8});
    REQUIRE(!made);
    CHECK(made.error().code == code);
  };
  refused({{1.0, 2.0}, {1.0}}, ec::malformed_input);
  refused({{2.0, 1.0}, {1.0, 1.0}}, ec::malformed_input);
  refused({{1.0, 2.0}, {1.0, 0.0}}, ec::malformed_input);
  refused({{1.0, 2.0}, {1.0, -1.0}}, ec::malformed_input);
  refused({{1.0, std::nan("")}, {1.0, 1.0}}, ec::malformed_input);
  refused({{1.0, 2.0}, {1.0, std::nan("")}}, ec::malformed_input);
  refused({{1.0, HUGE_VAL}, {1.0, 1.0}}, ec::malformed_input);
  refused({std::vector<double>(9, 1.0), std::vector<double>(9, 0.1)},
          ec::limit_reached);
  // Speaks for more agents than are below its sender.
  refused({{1.0, 2.0}, {2.0, 1.5}}, ec::limit_reached);
  CHECK(quantile_summary::decode({{1.0, 2.0}, {2.0, 1.0}}, 3.0, {}));
  CHECK(quantile_summary::decode({}, 0.0, {}));
}

TEST_CASE("summaries of silly size are refused") {
  for (auto points : {size_t{0}, size_t{7}, size_t{100000}}) {
    const auto made = quantile_summary::make({.points_max = points});
    REQUIRE(!made);
    CHECK(made.error().code == ec::invalid_option);
  }
}

TEST_SUITE_END();
