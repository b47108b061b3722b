#include "runtime/session/key_schedule.hpp"

#include <botan/hex.h>
#include <doctest/doctest.h>

#include <numeric>

using namespace starling::session;

namespace {

/// The bytes 0, 1, ... 47.
secret counting_secret() {
  auto result = secret(secret_size);
  std::iota(result.begin(), result.end(), uint8_t{0});
  return result;
}

std::string hex(std::span<const uint8_t> x) {
  return Botan::hex_encode(x, false);
}

} // namespace

TEST_SUITE_BEGIN("session/key_schedule");

// Expected values: HKDF by RFC 5869 over Python's hmac and hashlib, with the
// label layout of RFC 8446, section 7.1.
TEST_CASE("record keys are expanded from the secret under their labels") {
  const auto keys = record_key_of(counting_secret());
  CHECK(hex(keys.key)
        == "13ded3d08bcdf3c7e94e6721846dffff"
           "df16a15d35b08cf76ff02359bc085d07");
  CHECK(hex(keys.iv) == "b7496de9bf9647bc2ec15c2f");
}

TEST_CASE("a ratchet step is one expansion") {
  CHECK(hex(ratcheted(counting_secret()))
        == "5f1027def8c7e808ea1cb6c9b05b85d85f273900504bd7e2"
           "6b29c58095c71b305b3851f6458b96dd1f0df005c5c84926");
}

TEST_CASE("a mix extracts with the old secret as salt and binds the messages") {
  const auto fresh = secret(80, 0xaa);
  const auto text = std::string_view{"transcript"};
  const auto hash
    = sha384({{reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
  CHECK(hex(mixed(counting_secret(), fresh, hash))
        == "ea5f4e2c338ae045b84f9e8ef3ea411c53f51533eadc32a2"
           "3741b9445c1d70ccc20826a0a9bbac41f89eba4b57da6a26");
}

// FIPS 180-4 example for SHA-384: the message "abc".
TEST_CASE("the hash takes its parts as one message") {
  const auto a = std::array<uint8_t, 1>{'a'};
  const auto bc = std::array<uint8_t, 2>{'b', 'c'};
  CHECK(hex(sha384({a, bc}))
        == "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
           "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
}

TEST_SUITE_END();
