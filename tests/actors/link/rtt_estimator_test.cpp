#include "actors/link/rtt_estimator.hpp"

#include <doctest/doctest.h>

using starling::link::rtt_estimator;
using namespace std::literals;

TEST_SUITE_BEGIN("actors/link/rtt_estimator");

// Worked by hand from RFC 6298, rules 2.1 to 2.3.

TEST_CASE("before a sample the initial timeout holds") {
  auto uut = rtt_estimator{{}};
  CHECK(uut.timeout() == 1s);
  CHECK(uut.smoothed() == 0s);
}

TEST_CASE("the first sample gives three times itself") {
  auto uut = rtt_estimator{{}};
  // SRTT = R, RTTVAR = R / 2, RTO = SRTT + 4 * RTTVAR.
  uut.sample(200ms);
  CHECK(uut.smoothed() == 200ms);
  CHECK(uut.timeout() == 600ms);
}

TEST_CASE("later samples are smoothed") {
  auto uut = rtt_estimator{{}};
  uut.sample(200ms);
  uut.sample(280ms);
  // RTTVAR = 3/4 * 100 + 1/4 * 80 = 95, SRTT = 7/8 * 200 + 1/8 * 280 = 210.
  CHECK(uut.smoothed() == 210ms);
  CHECK(uut.timeout() == 590ms);
  uut.sample(130ms);
  // RTTVAR = 3/4 * 95 + 1/4 * 80 = 91.25, SRTT = 7/8 * 210 + 1/8 * 130 = 200.
  CHECK(uut.smoothed() == 200ms);
  CHECK(uut.timeout() == 565ms);
}

TEST_CASE("the timeout keeps its bounds") {
  auto uut
    = rtt_estimator{{.rto_initial = 1s, .rto_min = 100ms, .rto_max = 3s}};
  for (auto i = 0; i < 100; ++i)
    uut.sample(1ms);
  CHECK(uut.timeout() == 100ms);
  uut.sample(30s);
  CHECK(uut.timeout() == 3s);
}

TEST_CASE("a reset forgets all samples") {
  auto uut = rtt_estimator{{}};
  uut.sample(200ms);
  uut.reset();
  CHECK(uut.timeout() == 1s);
  uut.sample(100ms);
  CHECK(uut.timeout() == 300ms);
}

TEST_SUITE_END();
