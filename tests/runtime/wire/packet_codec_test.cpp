#include "runtime/wire/packet_codec.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

using namespace starling;
using namespace starling::wire;

namespace {

using bytes = std::vector<uint8_t>;

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

route_hop hop(uint8_t n, std::string transport = "tcp") {
  return {node(n), std::move(transport), 250U * n, 0.5F};
}

packet plain_packet() {
  auto result = packet{};
  for (size_t i = 0; i < packet_id::size; ++i)
    result.id.bytes[i] = static_cast<uint8_t>(0xa0 + i);
  result.timestamp = 0x0123456789abcdefU;
  result.source = node(1);
  result.destination = node(9);
  result.type = packet_type::control;
  result.priority = 7;
  result.ttl = 17;
  result.hop_count = 3;
  result.payload = {1, 2, 3, 4, 5};
  return result;
}

packet full_packet() {
  auto result = plain_packet();
  result.flags = packet_flag::record_route | packet_flag::is_signed | 0x4000;
  result.route = {hop(2), hop(3, ""), hop(4, std::string(32, 'x'))};
  result.signature = bytes(4691, 0x5a);
  return result;
}

ec refusal_of(const bytes& input, const packet_limits& limits = {}) {
  auto outcome = decode(input, limits);
  REQUIRE(!outcome);
  CHECK(!outcome.error().text.empty());
  return outcome.error().code;
}

/// Where the header of a packet without a route begins, and its fields.
constexpr size_t header_at = 32;
constexpr size_t length_at = header_at + 16 + 11 * 8;
constexpr size_t flags_at = length_at + 4;
constexpr size_t type_at = length_at + 6;
constexpr size_t priority_at = length_at + 7;
constexpr size_t version_at = length_at + 8;

} // namespace

TEST_SUITE_BEGIN("wire/packet_codec");

TEST_CASE("a packet comes back as it was") {
  for (const auto& x : {packet{}, plain_packet(), full_packet()}) {
    auto back = decode(encode(x));
    REQUIRE_MESSAGE(back, back.error().text);
    CHECK(*back == x);
  }
}

// Worked by hand from packet.capnp and the Cap'n Proto encoding specification:
// framing, root pointer, data section, pointer section.
TEST_CASE("the bytes are those of the schema") {
  const auto wire = encode(plain_packet());
  REQUIRE(wire.size() == 32 + 120 + 5);
  // One segment of three words; a struct of one word and one pointer.
  CHECK(bytes(wire.begin(), wire.begin() + 32)
        == bytes{0,  0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0,
                 17, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  // One segment of 14 words; a struct of 13 words and no pointer.
  CHECK(bytes(wire.begin() + 32, wire.begin() + 48)
        == bytes{0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0});
  CHECK(bytes(wire.begin() + 48, wire.begin() + 64)
        == bytes{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9,
                 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf});
  CHECK(bytes(wire.begin() + 64, wire.begin() + 72)
        == bytes{0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01});
  CHECK(bytes(wire.begin() + length_at, wire.begin() + 152)
        == bytes{5, 0, 0, 0, 0, 0, 1, 7, 1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes(wire.begin() + 152, wire.end()) == bytes{1, 2, 3, 4, 5});
}

TEST_CASE("a view points into the input") {
  const auto wire = encode(full_packet());
  auto seen = view(wire);
  REQUIRE(seen);
  CHECK(seen->payload.size() == 5);
  CHECK(seen->signature.data() == wire.data() + wire.size() - 4691);
  CHECK(seen->payload.data() + 5 == seen->signature.data());
  CHECK(seen->signed_bytes.size() == 120 + 5);
  CHECK(seen->head.payload.empty());
}

TEST_CASE("the input needs no alignment") {
  const auto wire = encode(full_packet());
  auto buffer = bytes(wire.size() + 8);
  for (size_t offset = 0; offset < 8; ++offset) {
    std::memcpy(buffer.data() + offset, wire.data(), wire.size());
    auto back = decode(std::span{buffer}.subspan(offset, wire.size()));
    REQUIRE(back);
    CHECK(*back == full_packet());
  }
}

TEST_CASE("a relay changes hops and time to live, and nothing else") {
  const auto wire = encode(full_packet());
  const auto seen = view(wire);
  REQUIRE(seen);
  const auto taken = hop(5, "lora");
  auto expected = full_packet();
  expected.ttl = 16;
  expected.hop_count = 4;
  expected.route.push_back(taken);
  const auto sent = forward(*seen, &taken);
  CHECK(sent == encode(expected));
  CHECK(sent.size() == forwarded_size(*seen, &taken));
}

TEST_CASE("a packet that records no route is forwarded at its size") {
  const auto wire = encode(plain_packet());
  const auto taken = hop(5);
  const auto sent = forward(*view(wire), &taken);
  REQUIRE(sent.size() == wire.size());
  auto back = decode(sent);
  REQUIRE(back);
  CHECK(back->ttl == 16);
  CHECK(back->hop_count == 4);
  CHECK(back->route.empty());
}

TEST_CASE("a route that is full is passed on as it is") {
  auto x = plain_packet();
  x.flags = packet_flag::record_route;
  x.hop_count = 255;
  x.route.assign(route_hops_max, hop(2));
  const auto wire = encode(x);
  const auto taken = hop(5);
  auto back = decode(forward(*view(wire), &taken));
  REQUIRE(back);
  CHECK(back->route == x.route);
  CHECK(back->hop_count == 255);
}

TEST_CASE("the signature covers what no relay may change") {
  auto signed_message = bytes{};
  auto x = plain_packet();
  sign(x, [&](std::string_view context, std::span<const uint8_t> message) {
    CHECK(context == packet_context);
    signed_message.assign(message.begin(), message.end());
    return bytes{7, 7, 7};
  });
  const auto verify = [&](const peer_id& signer, std::string_view context,
                          std::span<const uint8_t> message,
                          std::span<const uint8_t> signature) {
    return signer == node(1) && context == packet_context
           && bytes(message.begin(), message.end()) == signed_message
           && bytes(signature.begin(), signature.end()) == bytes{7, 7, 7};
  };
  const auto wire = encode(x);
  CHECK(is_signed_by_source(*view(wire), verify));
  const auto sent = forward(*view(wire));
  CHECK(is_signed_by_source(*view(sent), verify));
  // Any bit of header or payload counts.
  for (auto at = header_at + 16; at < wire.size() - 3; ++at) {
    auto changed = wire;
    changed[at] ^= 1;
    if (auto seen = view(changed))
      CHECK_FALSE(is_signed_by_source(*seen, verify));
  }
  CHECK_FALSE(is_signed_by_source(*view(encode(plain_packet())), verify));
}

TEST_CASE("bounds are kept") {
  auto x = full_packet();
  CHECK(refusal_of(encode(x), {.payload_max = 4}) == ec::limit_reached);
  CHECK(refusal_of(encode(x), {.hops_max = 2}) == ec::limit_reached);
  x.signature.resize(signature_max + 1);
  CHECK(refusal_of(encode(x)) == ec::limit_reached);
}

TEST_CASE("headers that no honest source writes are refused") {
  const auto good = encode(plain_packet());
  const auto with = [&](size_t at, uint8_t value) {
    auto result = good;
    result[at] = value;
    return result;
  };
  CHECK(refusal_of(with(version_at, 2)) == ec::negotiation_failed);
  CHECK(refusal_of(with(type_at, 5)) == ec::malformed_input);
  CHECK(refusal_of(with(priority_at, 8)) == ec::malformed_input);
  CHECK(refusal_of(with(length_at, 6)) == ec::malformed_input);
  CHECK(refusal_of(with(length_at, 4)) == ec::malformed_input);
  CHECK(refusal_of(with(flags_at, 1)) == ec::malformed_input);
  CHECK(refusal_of(with(version_at + 2, 1)) == ec::malformed_input);
  CHECK(refusal_of(with(version_at + 7, 1)) == ec::malformed_input);
  // Two segments; no segment; a segment of 2^30 words.
  CHECK(refusal_of(with(0, 1)) == ec::malformed_input);
  CHECK(refusal_of(with(4, 0)) == ec::limit_reached);
  CHECK(refusal_of(with(7, 0x40)) == ec::limit_reached);
  CHECK(refusal_of(with(header_at + 7, 0x40)) == ec::limit_reached);
  // Another root than the schema's, and a pointer out of the segment.
  CHECK(refusal_of(with(header_at + 12, 14)) == ec::malformed_input);
  CHECK(refusal_of(with(header_at + 8, 4)) == ec::malformed_input);
}

TEST_CASE("routes that no honest relay writes are refused") {
  auto x = full_packet();
  x.route.resize(1);
  const auto good = encode(x);
  REQUIRE(decode(good));
  // 0.5 as IEEE 754 binary32, little-endian.
  const auto half = bytes{0x00, 0x00, 0x00, 0x3f};
  const auto found
    = std::search(good.begin(), good.end(), half.begin(), half.end());
  REQUIRE(found != good.end());
  const auto at = static_cast<size_t>(found - good.begin());
  for (auto value : {-0.1F, 1.5F, std::nanf(""), INFINITY}) {
    auto changed = good;
    std::memcpy(changed.data() + at, &value, sizeof(value));
    CHECK(refusal_of(changed) == ec::malformed_input);
  }
  // A route longer than the way, and one that is not asked for.
  auto shorter = good;
  shorter[17] = 0;
  CHECK(refusal_of(shorter) == ec::malformed_input);
}

TEST_CASE("a packet cut anywhere is refused") {
  for (const auto& whole : {encode(plain_packet()), encode(full_packet())}) {
    // A shorter signature is the business of whoever verifies it.
    const auto sure = whole.size() > 5'000 ? whole.size() - 4691 : whole.size();
    for (size_t size = 0; size < sure; ++size)
      CHECK(!decode(std::span{whole}.first(size)));
  }
}

TEST_CASE("noise in a packet is refused or read the same way again") {
  auto generator = std::mt19937{3};
  auto x = full_packet();
  x.signature.resize(16);
  const auto good = encode(x);
  auto passed = 0;
  for (auto round = 0; round < 20'000; ++round) {
    auto changed = good;
    for (auto hits = generator() % 4 + 1; hits > 0; --hits)
      changed[generator() % changed.size()]
        ^= static_cast<uint8_t>(1U << generator() % 8);
    auto seen = view(changed);
    if (!seen)
      continue;
    ++passed;
    // The part that is signed has one encoding only.
    const auto again = encode(*decode(changed));
    const auto fixed = view(again)->fixed_bytes;
    CHECK(bytes(fixed.begin(), fixed.end())
          == bytes(seen->fixed_bytes.begin(), seen->fixed_bytes.end()));
  }
  CHECK(passed > 1'000);
}

TEST_SUITE_END();
