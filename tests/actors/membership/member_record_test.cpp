#include "actors/membership/member_record.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace starling;
using namespace starling::membership;

namespace {

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

member_record example() {
  auto x = member_record{};
  x.id = node(7);
  x.version = {3, 0x0123456789abcdefU};
  x.name = "n\xc3\xb6rdlich";
  x.endpoints = {"tcp://10.0.0.1:4711", "lora:///dev/ttyUSB0"};
  x.capabilities = {"flock_detector", "echo"};
  x.caf_node = "4711#0123456789abcdef0123456789abcdef01234567";
  x.zone = 1;
  x.neighbours = {{node(8), 250, 0.99F, 1.5F, 100'000'000}, {node(9)}};
  return x;
}

/// As large as the bounds let it be.
member_record largest() {
  auto x = example();
  x.name.assign(record_limits::name_max, 'n');
  x.endpoints.assign(record_limits::endpoints_max,
                     std::string(record_limits::endpoint_max, 'e'));
  x.capabilities.assign(record_limits::capabilities_max,
                        std::string(record_limits::capability_max, 'c'));
  x.caf_node.assign(record_limits::caf_node_max, 'f');
  x.neighbours.assign(record_limits::neighbours_max, {node(8), 1, 0.5F});
  return x;
}

ec refusal_of(const member_record& x) {
  auto outcome = encode_record(x);
  REQUIRE(!outcome);
  CHECK(outcome.error().text.find("07070707") != std::string::npos);
  return outcome.error().code;
}

} // namespace

TEST_SUITE_BEGIN("membership/member_record");

TEST_CASE("a record comes back as it was") {
  auto gone = member_record{};
  gone.id = node(1);
  gone.left = true;
  for (const auto& x : {example(), largest(), gone, member_record{}}) {
    auto bytes = encode_record(x);
    REQUIRE(bytes);
    auto back = decode_record(*bytes);
    REQUIRE_MESSAGE(back, back.error().text);
    CHECK(*back == x);
  }
}

TEST_CASE("the largest record fits the bound") {
  CHECK(encode_record(largest())->size() <= record_limits::bytes_max);
  // And the bound is not far above it.
  CHECK(encode_record(largest())->size() > record_limits::bytes_max / 2);
}

TEST_CASE("a record beyond its bounds is not made") {
  auto x = example();
  SUBCASE("name") {
    x.name.assign(record_limits::name_max + 1, 'x');
  }
  SUBCASE("endpoints") {
    x.endpoints.resize(record_limits::endpoints_max + 1);
  }
  SUBCASE("endpoint") {
    x.endpoints[0].assign(record_limits::endpoint_max + 1, 'x');
  }
  SUBCASE("capabilities") {
    x.capabilities.resize(record_limits::capabilities_max + 1);
  }
  SUBCASE("capability") {
    x.capabilities[0].assign(record_limits::capability_max + 1, 'x');
  }
  SUBCASE("CAF node") {
    x.caf_node.assign(record_limits::caf_node_max + 1, 'x');
  }
  SUBCASE("neighbours") {
    x.neighbours.resize(record_limits::neighbours_max + 1);
  }
  CHECK(refusal_of(x) == ec::limit_reached);
}

TEST_CASE("a record with values out of range is not made") {
  auto x = example();
  SUBCASE("text that moves cursors") {
    x.name = "a\x1b[2J";
  }
  SUBCASE("text that is not UTF-8") {
    x.endpoints[1] = "tcp://\xff";
  }
  SUBCASE("zone") {
    x.zone = 4;
  }
  SUBCASE("reliability") {
    x.neighbours[0].reliability = 1.01F;
  }
  SUBCASE("reliability that is no number") {
    x.neighbours[0].reliability = std::nanf("");
  }
  SUBCASE("cost") {
    x.neighbours[0].cost = -1.0F;
  }
  CHECK(refusal_of(x) == ec::invalid_option);
}

TEST_CASE("a signature is by the node, over the canonical bytes") {
  const auto signer
    = [](std::string_view context, std::span<const uint8_t> message) {
        CHECK(context == record_context);
        return std::vector<uint8_t>(message.rbegin(), message.rend());
      };
  const auto verify
    = [](const peer_id& id, std::string_view context,
         std::span<const uint8_t> message, std::span<const uint8_t> signature) {
        return id == node(7) && context == record_context
               && std::vector<uint8_t>(message.rbegin(), message.rend())
                    == std::vector<uint8_t>(signature.begin(), signature.end());
      };
  auto x = sign_record(example(), signer);
  REQUIRE(x);
  CHECK(x->body == *encode_record(example()));
  CHECK(is_authentic(*x, verify));
  auto changed = *x;
  changed.body[40] ^= 1;
  CHECK_FALSE(is_authentic(changed, verify));
  auto stolen = *x;
  stolen.content.id = node(6);
  CHECK_FALSE(is_authentic(stolen, verify));
  auto unsigned_record = *x;
  unsigned_record.signature.clear();
  CHECK_FALSE(is_authentic(unsigned_record, [](auto&&...) { return true; }));
}

TEST_CASE("noise is refused, or has one encoding only") {
  const auto good = *encode_record(example());
  for (size_t size = 0; size < good.size(); ++size)
    CHECK(!decode_record(std::span{good}.first(size)));
  auto generator = std::mt19937{9};
  auto passed = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto changed = good;
    changed[generator() % changed.size()]
      ^= static_cast<uint8_t>(1U << generator() % 8);
    auto x = decode_record(changed);
    if (!x)
      continue;
    ++passed;
    CHECK(*decode_record(*encode_record(*x)) == *x);
  }
  CHECK(passed > 1'000);
  CHECK(decode_record(std::vector<uint8_t>(record_limits::bytes_max + 8))
          .error()
          .code
        == ec::limit_reached);
}

TEST_SUITE_END();
