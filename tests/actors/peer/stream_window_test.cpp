#include "actors/peer/stream_window.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace starling;
using namespace starling::peer;

TEST_SUITE_BEGIN("peer/stream_window");

TEST_CASE("a sender has the credit it was granted, less what it has sent") {
  auto window = send_window{100};
  window.sent(30);
  REQUIRE(window.grant(50));
  CHECK(window.credit() == 120);
  window.sent(120);
  CHECK(window.credit() == 0);
}

// RFC 9113, section 6.9.1: a window beyond its maximum is a flow control error.
TEST_CASE("grants that add up to too much are an offence") {
  auto window = send_window{send_window::credit_max - 10};
  REQUIRE(window.grant(10));
  const auto outcome = window.grant(1);
  CHECK(outcome.error().code == ec::protocol_violation);
  CHECK(window.credit() == send_window::credit_max);
}

TEST_CASE("credit is granted once half of the window is due") {
  auto window = receive_window{100};
  REQUIRE(window.arrived(80));
  CHECK(window.waiting() == 80);
  CHECK(window.consumed(49) == 0);
  CHECK(window.consumed(1) == 50);
  CHECK(window.consumed(30) == 0);
  CHECK(window.waiting() == 0);
}

TEST_CASE("a sender that exceeds its credit is found out") {
  auto window = receive_window{100};
  REQUIRE(window.arrived(100));
  CHECK(window.arrived(1).error().code == ec::protocol_violation);
  CHECK(window.consumed(60) == 60);
  CHECK(window.arrived(61).error().code == ec::protocol_violation);
  CHECK(window.arrived(60));
}

TEST_CASE("a window of one byte works") {
  auto window = receive_window{1};
  for (auto i = 0; i < 3; ++i) {
    REQUIRE(window.arrived(1));
    CHECK(window.consumed(1) == 1);
  }
}

TEST_CASE("a stream never stops while its consumer keeps up, and never exceeds "
          "the window") {
  auto generator = std::mt19937{1};
  constexpr uint32_t size = 1'000;
  auto sender = send_window{size};
  auto receiver = receive_window{size};
  auto total = uint64_t{0};
  for (auto step = 0; step < 10'000; ++step) {
    if (generator() % 2 == 0 && sender.credit() > 0) {
      const auto bytes = 1 + generator() % sender.credit();
      sender.sent(bytes);
      REQUIRE(receiver.arrived(bytes));
      total += bytes;
    }
    REQUIRE(receiver.waiting() <= size);
    REQUIRE(sender.credit() + receiver.waiting() <= size);
    if (receiver.waiting() > 0) {
      const auto grant
        = receiver.consumed(1 + generator() % receiver.waiting());
      if (grant > 0)
        REQUIRE(sender.grant(grant));
    }
    // Without credit and with nothing waiting it would hang.
    REQUIRE(sender.credit() + receiver.waiting() > 0);
  }
  CHECK(total > 100'000);
}

TEST_SUITE_END();
