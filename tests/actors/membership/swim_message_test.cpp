#include "actors/membership/swim_message.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace starling;
using namespace starling::membership;

namespace {

swim_message example() {
  auto x = swim_message{};
  x.what = swim_message::kind::ping_request;
  x.sequence = 0x0123456789abcdefU;
  x.target = test_node(5);
  x.rumours = {{test_node(1), 7, liveness::suspect},
               {test_node(2), 8, liveness::dead},
               {test_node(3), 9, liveness::alive}};
  return x;
}

} // namespace

TEST_SUITE_BEGIN("membership/swim_message");

TEST_CASE("a message comes back as it was") {
  auto ping = swim_message{};
  ping.sequence = 1;
  auto ack = example();
  ack.what = swim_message::kind::ack;
  ack.target = {};
  auto full = example();
  full.rumours.resize(rumours_max);
  for (const auto& x : {example(), ping, ack, full}) {
    auto back = decode_swim_message(encode(x));
    REQUIRE_MESSAGE(back, back.error().text);
    CHECK(*back == x);
  }
}

TEST_CASE("bounds are kept") {
  auto x = example();
  x.rumours.resize(rumours_max + 1);
  CHECK(decode_swim_message(encode(x)).error().code == ec::limit_reached);
}

TEST_CASE("states have names") {
  CHECK(name_of(liveness::alive) == "alive");
  CHECK(name_of(liveness::suspect) == "suspect");
  CHECK(name_of(liveness::dead) == "dead");
}

TEST_CASE("noise is refused or read the same way again") {
  auto generator = std::mt19937{5};
  const auto good = encode(example());
  auto refused = 0;
  for (auto round = 0; round < 5'000; ++round) {
    auto changed = good;
    changed[generator() % changed.size()]
      ^= static_cast<uint8_t>(1U << generator() % 8);
    if (auto x = decode_swim_message(changed))
      CHECK(*decode_swim_message(encode(*x)) == *x);
    else
      ++refused;
  }
  CHECK(refused > 100);
  CHECK(!decode_swim_message({}));
}

TEST_SUITE_END();
