#include "actors/membership/suspicion.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

using namespace starling::membership;
using namespace std::chrono_literals;

namespace {

const auto start = suspicion::clock::time_point{} + 1h;

double seconds_of(const suspicion& x) {
  return std::chrono::duration<double>(x.deadline() - start).count();
}

} // namespace

TEST_SUITE_BEGIN("membership/suspicion");

// hashicorp/memberlist, suspicion_test.go,
// TestSuspicion_remainingSuspicionTime: k = 3, from 2 s to 30 s: 30, 16, 7.810,
// 2 seconds (it rounds down to milliseconds).
TEST_CASE("waits are those of memberlist") {
  auto x = suspicion{{.shortest = 2s, .longest = 30s, .confirmations_max = 3},
                     test_node(1),
                     start};
  CHECK(seconds_of(x) == doctest::Approx(30.0));
  CHECK(x.confirm(test_node(2)));
  CHECK(seconds_of(x) == doctest::Approx(16.0));
  CHECK(x.confirm(test_node(3)));
  CHECK(seconds_of(x) == doctest::Approx(7.810).epsilon(1e-4));
  CHECK(x.confirm(test_node(4)));
  CHECK(seconds_of(x) == doctest::Approx(2.0));
  CHECK_FALSE(x.confirm(test_node(5)));
  CHECK(seconds_of(x) == doctest::Approx(2.0));
}

TEST_CASE("one accuser counts once") {
  auto x = suspicion{{}, test_node(1), start};
  CHECK_FALSE(x.confirm(test_node(1)));
  CHECK(x.confirm(test_node(2)));
  CHECK_FALSE(x.confirm(test_node(2)));
  CHECK(x.confirmations() == 1);
}

TEST_CASE("where nobody can confirm the shortest wait holds") {
  const auto x
    = suspicion{{.shortest = 2s, .longest = 30s, .confirmations_max = 0},
                test_node(1),
                start};
  CHECK(seconds_of(x) == doctest::Approx(2.0));
}

TEST_SUITE_END();
