#include "runtime/basp/flow_window.hpp"

#include <doctest/doctest.h>

using namespace starling::basp;

namespace {

constexpr auto limits = flow_limits{.window = 100, .grant = 25};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/flow_window");

TEST_CASE("a window closes when it is full and opens as the receiver reports") {
  auto window = send_window{};
  CHECK(window.open(limits));
  window.note_sent(99);
  CHECK(window.open(limits));
  window.note_sent(1);
  CHECK(!window.open(limits));
  CHECK(window.note_consumed(1));
  CHECK(window.open(limits));
  CHECK(window.outstanding() == 99);
}

TEST_CASE("a message larger than the window passes, one at a time") {
  auto window = send_window{};
  window.note_sent(1'000);
  CHECK(!window.open(limits));
  CHECK(window.note_consumed(900));
  CHECK(!window.open(limits));
  CHECK(window.note_consumed(901));
  CHECK(window.open(limits));
}

TEST_CASE("a report of more than was sent is impossible") {
  auto window = send_window{};
  window.note_sent(50);
  CHECK(!window.note_consumed(51));
  CHECK(!window.note_consumed(UINT64_MAX));
  CHECK(window.outstanding() == 50);
}

TEST_CASE("a report that goes back is impossible, one that repeats is not") {
  auto window = send_window{};
  window.note_sent(50);
  REQUIRE(window.note_consumed(30));
  CHECK(!window.note_consumed(29));
  CHECK(window.note_consumed(30));
  CHECK(window.outstanding() == 20);
}

TEST_CASE("the receiver is asked once for each grant's worth of bytes") {
  auto window = receive_window{};
  CHECK(!window.note_delivered(24, limits));
  CHECK(window.note_delivered(1, limits));
  CHECK(window.delivered() == 25);
  CHECK(!window.note_delivered(24, limits));
  CHECK(window.note_delivered(60, limits));
  CHECK(window.delivered() == 109);
  CHECK(!window.note_delivered(24, limits));
}

TEST_CASE("both halves together never stall a sender for good") {
  auto sender = send_window{};
  auto receiver = receive_window{};
  auto passed = 0;
  // Sizes of 1 to 37 bytes: each report comes after all before were worked off.
  for (uint64_t i = 0; i < 1'000; ++i) {
    REQUIRE(sender.open(limits));
    const auto size = i * 17 % 37 + 1;
    sender.note_sent(size);
    if (receiver.note_delivered(size, limits))
      CHECK(sender.note_consumed(receiver.delivered()));
    CHECK(sender.outstanding() < limits.grant);
    ++passed;
  }
  CHECK(passed == 1'000);
}

TEST_SUITE_END();
