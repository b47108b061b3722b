#include "runtime/flow/token_bucket.hpp"

#include <doctest/doctest.h>

using starling::flow::token_bucket;
using namespace std::chrono_literals;

namespace {

const auto start = token_bucket::clock::time_point{} + 1h;

} // namespace

TEST_SUITE_BEGIN("flow/token_bucket");

TEST_CASE("a full bucket lets a burst through, then one by one") {
  auto bucket = token_bucket{{.rate = 1'000, .burst = 10}, start};
  for (auto i = 0; i < 10; ++i)
    CHECK(bucket.take(1, start));
  CHECK_FALSE(bucket.take(1, start));
  CHECK(bucket.open_at(start) == start + 1ns);
  // It owes after that one, and the next is due a millisecond later.
  CHECK(bucket.take(1, start + 1ns));
  CHECK_FALSE(bucket.take(1, start + 1ms));
  CHECK(bucket.take(1, start + 1ms + 1ns));
}

// 100 MB a second: a second carries 10^8 bytes, and the burst beside it.
TEST_CASE("over time the rate is kept exactly, whatever the sizes") {
  for (uint64_t size : {11'483U, 65'543U, 10'000'000U}) {
    auto bucket = token_bucket{{.rate = 100'000'000, .burst = 1}, start};
    auto now = start;
    auto taken = uint64_t{0};
    while (now < start + 1s) {
      REQUIRE(bucket.take(size, now));
      taken += size;
      now = bucket.open_at(now);
      // A nanosecond before, it does not open.
      REQUIRE_FALSE(bucket.take(size, now - 1ns));
    }
    CHECK(taken >= 100'000'000);
    CHECK(taken <= 100'000'000 + 2 * size);
  }
}

TEST_CASE("rates that do not divide a second lose nothing to rounding") {
  // A third of a nanosecond a unit: 3 * 10^9 a second.
  auto bucket = token_bucket{{.rate = 3'000'000'000, .burst = 1}, start};
  auto now = start;
  for (auto i = 0; i < 3'000; ++i) {
    REQUIRE(bucket.take(1, now));
    now = bucket.open_at(now);
  }
  CHECK(now - start >= 999ns);
  CHECK(now - start <= 3'001ns);
}

TEST_CASE("a pause saves up one burst and no more") {
  auto bucket = token_bucket{{.rate = 10, .burst = 3}, start};
  const auto later = start + 24h;
  auto passed = 0;
  while (bucket.take(1, later))
    ++passed;
  CHECK(passed == 3);
}

TEST_CASE("what is larger than the burst passes and is paid for afterwards") {
  auto bucket = token_bucket{{.rate = 100, .burst = 10}, start};
  CHECK(bucket.take(510, start));
  CHECK(bucket.open_at(start) == start + 5s + 1ns);
  CHECK_FALSE(bucket.take(1, start + 5s));
  CHECK(bucket.take(1, start + 5s + 1ns));
}

TEST_CASE("who reserves passes in turn, each when the one before is paid for") {
  auto bucket = token_bucket{{.rate = 1'000, .burst = 10}, start};
  CHECK(bucket.reserve(10, start) == start);
  CHECK(bucket.reserve(500, start) == start + 1ns);
  CHECK(bucket.reserve(500, start) == start + 500ms + 1ns);
  CHECK(bucket.reserve(1, start + 200ms) == start + 1s + 1ns);
  CHECK_FALSE(bucket.take(1, start + 1s));
}

TEST_CASE("rate 0 is no limit") {
  auto bucket = token_bucket{{}, start};
  for (auto i = 0; i < 1'000; ++i)
    REQUIRE(bucket.take(UINT64_MAX, start));
  CHECK(bucket.reserve(UINT64_MAX, start) == start);
  CHECK(bucket.open_at(start) == start);
}

TEST_CASE("extreme options do not overflow") {
  auto bucket = token_bucket{{.rate = UINT64_MAX, .burst = UINT64_MAX}, start};
  CHECK(bucket.take(UINT64_MAX, start));
  auto slow = token_bucket{{.rate = 1, .burst = UINT64_MAX}, start};
  CHECK(slow.take(UINT64_MAX, start));
}

TEST_SUITE_END();
