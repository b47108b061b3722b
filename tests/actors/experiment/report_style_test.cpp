#include "actors/experiment/report_style.hpp"

#include "tests/actors/experiment/support/markup_balance.hpp"

#include <doctest/doctest.h>

using namespace starling::experiment;
using test::count_of;

TEST_SUITE_BEGIN("experiment/report_style");

TEST_CASE("all blocks are closed") {
  CHECK(count_of(report_style(), "{") == count_of(report_style(), "}"));
}

TEST_CASE("nothing is loaded from elsewhere and nothing ends the sheet") {
  for (auto word : {"url(", "@import", "<"})
    CHECK(count_of(report_style(), word) == 0);
}

TEST_SUITE_END();
