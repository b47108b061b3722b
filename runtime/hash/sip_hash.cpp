#include "runtime/hash/sip_hash.hpp"

#include <bit>
#include <cstddef>

namespace starling::hash {

namespace {

struct state {
  uint64_t v0;
  uint64_t v1;
  uint64_t v2;
  uint64_t v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void take(uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

/// Reads eight bytes, little-endian. Each place is written out, so that
/// compilers see one load in it.
uint64_t load_word(const uint8_t* at) {
  return uint64_t{at[0]} | uint64_t{at[1]} << 8 | uint64_t{at[2]} << 16
         | uint64_t{at[3]} << 24 | uint64_t{at[4]} << 32 | uint64_t{at[5]} << 40
         | uint64_t{at[6]} << 48 | uint64_t{at[7]} << 56;
}

/// Reads less than eight bytes, little-endian.
uint64_t load_rest(std::span<const uint8_t> bytes) {
  auto result = uint64_t{0};
  for (size_t i = 0; i < bytes.size(); ++i)
    result |= uint64_t{bytes[i]} << 8 * i;
  return result;
}

} // namespace

uint64_t sip_hash(const sip_key& key, std::span<const uint8_t> bytes) {
  auto x = state{key.low ^ 0x736f6d6570736575U, key.high ^ 0x646f72616e646f6dU,
                 key.low ^ 0x6c7967656e657261U, key.high ^ 0x7465646279746573U};
  const auto length = uint64_t{bytes.size()};
  for (; bytes.size() >= 8; bytes = bytes.subspan(8))
    x.take(load_word(bytes.data()));
  x.take(load_rest(bytes) | length << 56);
  x.v2 ^= 0xff;
  for (auto i = 0; i < 4; ++i)
    x.round();
  return x.v0 ^ x.v1 ^ x.v2 ^ x.v3;
}

} // namespace starling::hash
