#include "runtime/metrics/instruments.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <thread>

using namespace starling::metrics;

namespace {

constexpr auto nan_value = std::numeric_limits<double>::quiet_NaN();

std::shared_ptr<cell> blank(const std::vector<double>& bounds = {}) {
  return std::make_shared<cell>(bounds);
}

} // namespace

TEST_SUITE_BEGIN("metrics/instruments");

TEST_CASE("a counter only goes up") {
  auto sent = counter{blank()};
  sent.add();
  sent.add(2.5);
  sent.add(-1.0);
  sent.add(nan_value);
  CHECK(sent.value() == 3.5);
}

TEST_CASE("a gauge goes up and down, and copies show the same value") {
  auto level = gauge{blank()};
  auto same = level;
  level.set(10.0);
  same.add(-2.5);
  CHECK(level.value() == 7.5);
}

TEST_CASE("a value on a bucket's bound belongs to that bucket") {
  const auto content = blank({1.0, 2.0});
  auto delays = histogram{content};
  for (auto x : {0.5, 1.0, 1.5, 2.0, 7.0})
    delays.observe(x);
  delays.observe(nan_value);
  CHECK(content->counts[0] == 2);
  CHECK(content->counts[1] == 2);
  CHECK(content->counts[2] == 1);
  CHECK(delays.count() == 5);
  CHECK(delays.sum() == 12.0);
}

TEST_CASE("exponential bounds grow by their factor") {
  CHECK(exponential_bounds(0.001, 10.0, 3)
        == std::vector<double>{0.001, 0.001 * 10, 0.001 * 10 * 10});
  CHECK(exponential_bounds(1.0, 2.0, 0).empty());
}

TEST_CASE("no addition of two threads is lost") {
  auto sent = counter{blank()};
  auto delays = histogram{blank({0.5})};
  const auto work = [&sent, &delays] {
    for (auto i = 0; i < 20'000; ++i) {
      sent.add();
      delays.observe(1.0);
    }
  };
  auto other = std::thread{work};
  work();
  other.join();
  CHECK(sent.value() == 40'000.0);
  CHECK(delays.count() == 40'000);
  CHECK(delays.sum() == 40'000.0);
}

TEST_SUITE_END();
