#include "deploy/node/node_system.hpp"

#include <doctest/doctest.h>

using starling::deploy::threads_for;

TEST_SUITE_BEGIN("deploy/node_system");

TEST_CASE("the share of processors sets the number of threads") {
  CHECK(threads_for(0.5, 8) == 4);
  CHECK(threads_for(1.0, 8) == 8);
  CHECK(threads_for(0.5, 3) == 1);
  CHECK(threads_for(0.01, 2) == 1);
  // The kernel need not say how many there are.
  CHECK(threads_for(0.5, 0) == 1);
}

TEST_SUITE_END();
