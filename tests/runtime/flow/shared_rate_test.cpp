#include "runtime/flow/shared_rate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

using starling::flow::shared_rate;
using namespace std::chrono_literals;

namespace {

const auto start = shared_rate::clock::time_point{} + 1h;

/// Senders that always have something to send, one turn after the other.
struct crowd {
  shared_rate rate;
  std::vector<uint64_t> sent;
  std::vector<shared_rate::clock::time_point> due;

  crowd(shared_rate::options opts, size_t count)
    : rate{opts, start},
      sent(count) {
    for (size_t i = 0; i < count; ++i)
      due.push_back(rate.reserve(rate.turn(), start));
  }

  void run_until(shared_rate::clock::time_point end) {
    for (;;) {
      const auto next = std::min_element(due.begin(), due.end());
      if (*next >= end)
        return;
      sent[static_cast<size_t>(next - due.begin())] += rate.turn();
      *next = rate.reserve(rate.turn(), *next);
    }
  }

  [[nodiscard]] uint64_t total() const {
    auto result = uint64_t{0};
    for (auto each : sent)
      result += each;
    return result;
  }
};

} // namespace

TEST_SUITE_BEGIN("flow/shared_rate");

TEST_CASE("all senders together keep the rate, up to one burst") {
  for (uint64_t bytes : {1'000U, 1'000'000U, 100'000'000U}) {
    auto all = crowd{{.rate = bytes}, 7};
    all.run_until(start + 10s);
    CHECK(all.total() >= 10 * bytes);
    CHECK(all.total() <= 10 * bytes + all.rate.burst() + 7 * all.rate.turn());
  }
}

TEST_CASE("senders that are busy get equal shares") {
  auto all = crowd{{.rate = 10'000'000}, 20};
  all.run_until(start + 1s);
  const auto [least, most]
    = std::minmax_element(all.sent.begin(), all.sent.end());
  CHECK(*most - *least <= all.rate.burst());
}

TEST_CASE("who comes late waits for one turn of each, not for their backlog") {
  auto all = crowd{{.rate = 1'000'000}, 50};
  all.run_until(start + 2s);
  const auto when = all.rate.reserve(10, start + 2s);
  // A turn is four kilobytes, which take about four milliseconds.
  CHECK(when > start + 2s);
  CHECK(when <= start + 2s + 51 * 4'096us);
}

TEST_CASE("below the rate it is open") {
  auto rate = shared_rate{{.rate = 100'000'000}, start};
  CHECK(rate.burst() == 1'000'000);
  auto now = start;
  for (auto i = 0; i < 1'000; ++i) {
    REQUIRE(rate.open(now));
    CHECK(rate.reserve(90'000, now) == now);
    now += 1ms;
  }
  rate.reserve(5'000'000, now);
  CHECK_FALSE(rate.open(now));
  CHECK(rate.open(now + 50ms));
}

TEST_CASE("without a rate it is always open") {
  auto rate = shared_rate{{}, start};
  CHECK(rate.reserve(1'000'000'000'000, start) == start);
  CHECK(rate.open(start));
}

TEST_SUITE_END();
