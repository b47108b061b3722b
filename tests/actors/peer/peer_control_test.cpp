#include "actors/peer/peer_control.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::peer;

namespace {

const auto full_hello = hello{"0123ABCD#4711",
                              "node-1",
                              {"tcp://10.0.0.1:4711", "tcp://[::1]:4711"},
                              {{"spawner", 17}, {"membership", UINT64_MAX}},
                              1};

std::vector<control_message> one_of_each() {
  return {full_hello,
          hello{},
          changed_services{{{"spawner", 18}}},
          ping{1},
          pong{UINT64_MAX},
          actor_credit{9, 1u << 20},
          goodbye{"the node shuts down"}};
}

ec refusal(const control_message& x, const control_limits& limits) {
  auto decoded = decode_control(encode(x), limits);
  REQUIRE(!decoded);
  return decoded.error().code;
}

} // namespace

TEST_SUITE_BEGIN("actors/peer/peer_control");

TEST_CASE("every message is read as it was written") {
  for (const auto& x : one_of_each()) {
    auto decoded = decode_control(encode(x));
    REQUIRE(decoded);
    CHECK(*decoded == x);
  }
}

TEST_CASE("a message may lie at any address") {
  for (size_t offset = 0; offset < 9; ++offset) {
    auto bytes = std::vector<uint8_t>(offset);
    const auto encoded = encode(full_hello);
    bytes.insert(bytes.end(), encoded.begin(), encoded.end());
    auto decoded = decode_control(std::span{bytes}.subspan(offset));
    REQUIRE(decoded);
    CHECK(*decoded == control_message{full_hello});
  }
}

TEST_CASE("each bound refuses what exceeds it and takes what fills it") {
  const auto text = std::string(20, 'x');
  auto exact = control_limits{.bytes_max = 64 * 1024,
                              .services_max = 2,
                              .endpoints_max = 2,
                              .text_max = 20};
  CHECK(decode_control(encode(full_hello), exact));
  auto less = exact;
  less.services_max = 1;
  CHECK(refusal(full_hello, less) == ec::limit_reached);
  CHECK(refusal(changed_services{{{"a", 1}, {"b", 2}}}, less)
        == ec::limit_reached);
  less = exact;
  less.endpoints_max = 1;
  CHECK(refusal(full_hello, less) == ec::limit_reached);
  less = exact;
  less.bytes_max = encode(full_hello).size() - 1;
  CHECK(refusal(full_hello, less) == ec::limit_reached);
  for (const auto& long_text : std::vector<control_message>{
         hello{text + "x", "", {}, {}}, hello{"", text + "x", {}, {}},
         hello{"", "", {text + "x"}, {}}, hello{"", "", {}, {{text + "x", 1}}},
         changed_services{{{text + "x", 1}}}, goodbye{text + "x"}})
    CHECK(refusal(long_text, exact) == ec::limit_reached);
}

TEST_CASE("what is cut short is refused") {
  for (const auto& x : one_of_each()) {
    const auto whole = encode(x);
    for (size_t size = 0; size + 8 <= whole.size(); size += 8) {
      auto decoded = decode_control(std::span{whole}.first(size));
      if (decoded)
        continue; // Words at the end that hold defaults only.
      CHECK(decoded.error().code == ec::malformed_input);
    }
  }
  CHECK(!decode_control({}));
}

TEST_CASE("no damage does more than get a message refused") {
  auto random = std::mt19937{1};
  const auto whole = encode(full_hello);
  auto refused = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto bytes = whole;
    for (auto changes = random() % 4 + 1; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    auto decoded = decode_control(bytes);
    if (!decoded) {
      ++refused;
      CHECK((decoded.error().code == ec::malformed_input
             || decoded.error().code == ec::limit_reached));
    }
  }
  CHECK(refused > 1'000);
}

TEST_CASE("a list that claims more elements than there are bytes is refused") {
  // Cap'n Proto, encoding, "Lists": elements of no size cost no bytes, so a
  // count says nothing about the memory that reading takes.
  auto bytes = encode(changed_services{{{"a", 1}}});
  auto refused = 0;
  for (size_t i = 8; i + 8 <= bytes.size(); i += 8) {
    auto changed = bytes;
    // Upper half of a list pointer: element size 7, count at its maximum.
    for (size_t j = 4; j < 8; ++j)
      changed[i + j] = 0xff;
    refused += decode_control(changed) ? 0 : 1;
  }
  CHECK(refused >= 2);
}

TEST_SUITE_END();
