#include "actors/membership/neighbour_gauge.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace std::chrono_literals;
using membership::neighbour_gauge;

namespace {

const auto start = neighbour_gauge::clock::time_point{} + 1h;

} // namespace

TEST_SUITE_BEGIN("actors/membership/neighbour_gauge");

TEST_CASE("the first answer of any kind says how far a neighbour is") {
  auto uut = neighbour_gauge{};
  CHECK(uut.latency_us() == 0);
  uut.first_trip(4ms);
  CHECK(uut.latency_us() == 2'000);
  CHECK(uut.reliability() == 1.0F);
  // A second one may have waited for work at the other end.
  uut.first_trip(4s);
  CHECK(uut.latency_us() == 2'000);
}

TEST_CASE("pings move the figure by an eighth, as RFC 6298 has it") {
  auto uut = neighbour_gauge{};
  uut.first_trip(8ms);
  CHECK_FALSE(uut.sent(1, start));
  CHECK(uut.answered(1, start + 16ms));
  // 8 + (16 - 8) / 8 = 9 ms there and back.
  CHECK(uut.latency_us() == 4'500);
}

TEST_CASE("a ping without an answer costs reliability, not latency") {
  auto uut = neighbour_gauge{};
  uut.first_trip(8ms);
  uut.sent(1, start);
  CHECK(uut.sent(2, start + 1s));
  CHECK(uut.reliability() == 0.875F);
  CHECK(uut.latency_us() == 4'000);
}

TEST_SUITE_END();
