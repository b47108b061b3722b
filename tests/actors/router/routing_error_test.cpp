#include "actors/router/routing_error.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace starling;
using namespace starling::router;

namespace {

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

routing_error example() {
  auto result = routing_error{};
  result.code = ec::ttl_exceeded;
  result.packet.bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  result.destination = node(9);
  result.at = node(5);
  result.detail = "no hop is left";
  return result;
}

} // namespace

TEST_SUITE_BEGIN("router/routing_error");

TEST_CASE("an error comes back as it was") {
  for (auto code : {ec::ttl_exceeded, ec::unreachable, ec::quarantined,
                    ec::protocol_violation}) {
    auto x = example();
    x.code = code;
    auto back = decode_routing_error(encode(x));
    REQUIRE(back);
    CHECK(*back == x);
  }
}

TEST_CASE("a text that is too long is cut off") {
  auto x = example();
  x.detail.assign(1'000, 'x');
  CHECK(decode_routing_error(encode(x))->detail == std::string(200, 'x'));
}

TEST_CASE("codes that say nothing about a route are refused") {
  auto x = example();
  x.code = ec::file_error;
  CHECK(decode_routing_error(encode(x)).error().code == ec::malformed_input);
}

TEST_CASE("the error travels to the source, marked as an error") {
  auto about = packet{};
  about.source = node(1);
  about.destination = node(9);
  about.priority = 6;
  auto id = packet_id{};
  id.bytes.fill(0x77);
  const auto x = error_packet(example(), about, id, 4711);
  CHECK(x.source == node(5));
  CHECK(x.destination == node(1));
  CHECK(x.type == packet_type::control);
  CHECK(x.priority == 6);
  CHECK(x.has(packet_flag::error));
  CHECK(x.id == id);
  CHECK(x.timestamp == 4711);
  CHECK(*decode_routing_error(x.payload) == example());
}

TEST_CASE("noise is refused or read the same way again") {
  auto generator = std::mt19937{5};
  const auto good = encode(example());
  for (size_t size = 0; size < good.size(); ++size)
    CHECK(!decode_routing_error(std::span{good}.first(size)));
  for (auto round = 0; round < 5'000; ++round) {
    auto changed = good;
    changed[generator() % changed.size()]
      ^= static_cast<uint8_t>(1U << generator() % 8);
    if (auto x = decode_routing_error(changed))
      CHECK(*decode_routing_error(encode(*x)) == *x);
  }
  CHECK(decode_routing_error(std::vector<uint8_t>(520)).error().code
        == ec::limit_reached);
}

TEST_SUITE_END();
