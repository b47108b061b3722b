#include "runtime/hash/sip_hash.hpp"

#include <doctest/doctest.h>

#include <array>
#include <numeric>
#include <vector>

using namespace starling::hash;

TEST_SUITE_BEGIN("hash/sip_hash");

// The authors' reference implementation, vectors.h, vectors_sip64: key 00 01 ..
// 0f, messages 00 01 .. of growing length; the one of 15 bytes is also worked
// out in appendix A of the paper.
TEST_CASE("hashes are those of the reference implementation") {
  const auto key = sip_key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
  auto message = std::vector<uint8_t>(16);
  std::iota(message.begin(), message.end(), uint8_t{0});
  const auto hash_of_first = [&](size_t count) {
    return sip_hash(key, std::span{message}.first(count));
  };
  CHECK(hash_of_first(0) == 0x726fdb47dd0e0e31U);
  CHECK(hash_of_first(1) == 0x74f839c593dc67fdU);
  CHECK(hash_of_first(8) == 0x93f5f5799a932462U);
  CHECK(hash_of_first(15) == 0xa129ca6149be45e5U);
}

TEST_CASE("another key gives other hashes") {
  const auto message = std::array<uint8_t, 3>{1, 2, 3};
  CHECK(sip_hash({1, 0}, message) != sip_hash({2, 0}, message));
  CHECK(sip_hash({1, 0}, message) != sip_hash({1, 1}, message));
}

TEST_SUITE_END();
