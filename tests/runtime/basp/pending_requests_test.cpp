#include "runtime/basp/pending_requests.hpp"

#include <doctest/doctest.h>

using namespace starling::basp;

TEST_SUITE_BEGIN("runtime/basp/pending_requests");

TEST_CASE("an answer is expected once, by who asked") {
  auto asked = pending_requests{100};
  asked.add(1, 7);
  asked.add(2, 7);
  CHECK(!asked.take(1, 8));
  CHECK(!asked.take(3, 7));
  CHECK(asked.take(1, 7));
  CHECK(!asked.take(1, 7));
  CHECK(asked.take(2, 7));
  CHECK(asked.size() == 0);
}

TEST_CASE("requests that are never answered take bounded memory") {
  auto asked = pending_requests{100};
  for (uint64_t i = 1; i <= 100'000; ++i) {
    asked.add(i % 3, i);
    CHECK(asked.size() <= 100);
  }
  // The younger half at least is still known.
  for (uint64_t i = 100'000; i > 100'000 - 50; --i)
    CHECK(asked.take(i % 3, i));
  CHECK(!asked.take(1, 1));
}

TEST_CASE("a bound of nothing still lets one request be answered") {
  auto asked = pending_requests{0};
  asked.add(1, 1);
  CHECK(asked.take(1, 1));
}

TEST_SUITE_END();
