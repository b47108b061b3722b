#include "runtime/session/hybrid_group.hpp"

#include "runtime/session/session_options.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

TEST_SUITE_BEGIN("session/hybrid_group");

// Sizes: draft-ietf-tls-ecdhe-mlkem, section 3; FIPS 203, table 3.
TEST_CASE("both sides get the same secret, of the length that TLS has") {
  struct expectation {
    uint16_t group;
    size_t share, ciphertext, secret;
  };
  for (const auto& x : {expectation{secp384r1_ml_kem_1024, 1665, 1665, 80},
                        expectation{x25519_ml_kem_768, 1216, 1120, 64}}) {
    auto rng = identity::seeded_rng{3};
    const auto key = hybrid_key::generate(x.group, rng);
    REQUIRE(key);
    const auto share = key->share();
    CHECK(share.size() == x.share);
    CHECK(share_size(x.group) == x.share);
    const auto sent = encapsulate(x.group, share, rng);
    REQUIRE(sent);
    CHECK(sent->ciphertext.size() == x.ciphertext);
    CHECK(ciphertext_size(x.group) == x.ciphertext);
    CHECK(sent->shared.size() == x.secret);
    const auto got = key->decapsulate(sent->ciphertext, rng);
    REQUIRE(got);
    CHECK(*got == sent->shared);
  }
}

TEST_CASE("a share or ciphertext of another length is refused") {
  auto rng = identity::seeded_rng{3};
  const auto key = hybrid_key::generate(x25519_ml_kem_768, rng);
  REQUIRE(key);
  for (auto size : {0, 1, 1119, 1121, 65536})
    CHECK(key->decapsulate(bytes(static_cast<size_t>(size)), rng).error().code
          == ec::malformed_input);
  for (auto size : {0, 1, 1215, 1217, 65536})
    CHECK(encapsulate(x25519_ml_kem_768, bytes(static_cast<size_t>(size)), rng)
            .error()
            .code
          == ec::malformed_input);
}

TEST_CASE("a point that is not on the curve is refused") {
  auto rng = identity::seeded_rng{3};
  const auto key = hybrid_key::generate(secp384r1_ml_kem_1024, rng);
  REQUIRE(key);
  auto share = key->share();
  share[50] ^= 1;
  CHECK(encapsulate(secp384r1_ml_kem_1024, share, rng).error().code
        == ec::malformed_input);
  // An X25519 share of low order (RFC 7748, section 6.1: all-zero output).
  const auto other = hybrid_key::generate(x25519_ml_kem_768, rng);
  auto zeroed = other->share();
  std::fill(zeroed.begin() + 1184, zeroed.end(), uint8_t{0});
  CHECK(encapsulate(x25519_ml_kem_768, zeroed, rng).error().code
        == ec::malformed_input);
}

TEST_CASE("a ciphertext that was changed gives another secret") {
  // ML-KEM rejects implicitly (FIPS 203, section 6.3), so this is no failure.
  auto rng = identity::seeded_rng{3};
  const auto key = hybrid_key::generate(x25519_ml_kem_768, rng);
  auto sent = encapsulate(x25519_ml_kem_768, key->share(), rng);
  REQUIRE(sent);
  sent->ciphertext[10] ^= 1;
  const auto got = key->decapsulate(sent->ciphertext, rng);
  REQUIRE(got);
  CHECK(*got != sent->shared);
}

TEST_CASE("other groups make no keys") {
  auto rng = identity::seeded_rng{3};
  CHECK(hybrid_key::generate(0x001d, rng).error().code
        == ec::negotiation_failed);
  CHECK(encapsulate(0x001d, bytes(32), rng).error().code
        == ec::malformed_input);
  CHECK(group_name(0x11ed) == "SecP384r1MLKEM1024");
  CHECK(group_name(0xfafa) == "0xfafa");
}

TEST_SUITE_END();
