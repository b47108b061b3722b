#include "actors/experiment/interval_plot.hpp"

#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace starling::experiment;

namespace {

size_t count_of(const std::string& text, std::string_view part) {
  auto out = size_t{0};
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++out;
  return out;
}

interval_plot_input made_input() {
  auto out = interval_plot_input{};
  out.title = "a<b";
  out.x_name = "strength";
  out.places = {"2", "4", "8"};
  out.series
    = {{"flock", 0, {{{0.5, 0.4, 0.6}}, {{0.6, 0.6, 0.6}}, {{0.9, 0.8, 1.0}}}},
       {"pca", 1, {{{0.1, 0.0, 0.2}}, std::nullopt, {{0.3, 0.2, 0.4}}}}};
  return out;
}

} // namespace

TEST_SUITE_BEGIN("experiment/interval_plot");

TEST_CASE("each point has a mark, each interval a whisker") {
  const auto got = draw_intervals(made_input());
  CHECK(test::imbalance_of(got) == "");
  CHECK(got.find("a&lt;b") != std::string::npos);
  CHECK(count_of(got, "<circle") == 3);
  // An interval without width needs none.
  CHECK(count_of(got, "st-whisker") == 4);
  CHECK(got.find("flock, 8: 0.900 [0.800, 1.000]") != std::string::npos);
}

TEST_CASE("a gap parts the line") {
  const auto got = draw_intervals(made_input());
  // One line of flock, two beginnings of pca.
  CHECK(count_of(got, "st-series") == 3);
}

TEST_CASE("places without order are not joined") {
  auto input = made_input();
  input.joined = false;
  CHECK(count_of(draw_intervals(input), "st-series") == 0);
}

TEST_CASE("values beyond the axis and undefined ones do no harm") {
  auto input = made_input();
  input.series[0].points[0]
    = interval_point{1.5, -1.0, std::numeric_limits<double>::infinity()};
  input.series[0].points[1]
    = interval_point{std::numeric_limits<double>::quiet_NaN(), 0.0, 0.0};
  const auto got = draw_intervals(input);
  CHECK(test::imbalance_of(got) == "");
  CHECK(count_of(got, "<circle") == 2);
  CHECK(got.find("M0.0 nan") == std::string::npos);
}

TEST_CASE("the legend has a key for each method") {
  const auto got = interval_legend({"flock", "a&b"});
  CHECK(test::imbalance_of(got) == "");
  CHECK(count_of(got, "<svg") == 2);
  CHECK(got.find("a&amp;b") != std::string::npos);
  for (size_t i = 0; i < interval_styles; ++i)
    CHECK(interval_style().find(".st-s" + std::to_string(i))
          != std::string_view::npos);
}

TEST_SUITE_END();
