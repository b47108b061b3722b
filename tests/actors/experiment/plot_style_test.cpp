#include "actors/experiment/plot_style.hpp"

#include "actors/experiment/report_style.hpp"
#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace starling::experiment;
using test::count_of;

namespace {

/// Names of the variables that follow `before` somewhere in the text.
std::set<std::string> variables(std::string_view css, std::string_view before) {
  auto out = std::set<std::string>{};
  for (auto pos = css.find(before); pos != std::string_view::npos;
       pos = css.find(before, pos + 1)) {
    const auto begin = pos + before.size() - 2;
    out.emplace(css.substr(begin, css.find_first_of(":);, ", begin) - begin));
  }
  return out;
}

} // namespace

TEST_SUITE_BEGIN("experiment/plot_style");

TEST_CASE("light and dark mode define the same colours") {
  const auto css = plot_style();
  const auto dark = css.find("prefers-color-scheme:dark");
  REQUIRE(dark != std::string_view::npos);
  const auto end = css.find("}}", dark);
  CHECK(variables(css.substr(0, dark), "\n--")
        == variables(css.substr(dark, end - dark), "\n--"));
}

TEST_CASE("every colour that is used is defined") {
  const auto defined = variables(plot_style(), "--st-");
  for (auto css : {plot_style(), report_style()})
    for (const auto& name : variables(css, "var(--st-"))
      CHECK(defined.contains(name));
}

TEST_CASE("nothing is loaded from elsewhere") {
  CHECK(count_of(plot_style(), "url(") == 0);
  CHECK(count_of(plot_style(), "@import") == 0);
}

TEST_SUITE_END();
