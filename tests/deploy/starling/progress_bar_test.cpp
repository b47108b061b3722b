#include "deploy/starling/progress_bar.hpp"

#include <doctest/doctest.h>

using namespace starling::cli;

TEST_SUITE_BEGIN("deploy/starling/progress_bar");

TEST_CASE("a log gets a line each tenth") {
  auto bar = progress_bar{false};
  CHECK(bar.update("running", 0, 200) == "running      0 % of 200 rows\n");
  CHECK(bar.update("running", 19, 200) == "");
  CHECK(bar.update("running", 20, 200) == "running     10 % of 200 rows\n");
  CHECK(bar.update("running", 300, 200) == "running    100 % of 200 rows\n");
  CHECK(bar.finish() == "");
}

TEST_CASE("a terminal gets one line that is drawn again") {
  auto bar = progress_bar{true};
  CHECK(bar.update("preparing", 0, 0) == "\r\x1b[Kpreparing");
  CHECK(bar.update("running", 50, 100)
        == "\r\x1b[Krunning    [###############               ]  50 %  50 of "
           "100 rows");
  CHECK(bar.finish() == "\n");
}

TEST_SUITE_END();
