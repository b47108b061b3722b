#include "runtime/identity/identity_key.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <botan/auto_rng.h>
#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/hex.h>
#include <botan/ml_dsa.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace starling;
using namespace starling::identity;

namespace {

constexpr std::string_view context = "starling/test/1";

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

const auto message = bytes_of("bird");

struct fixture {
  seeded_rng rng{1};
  private_key alice = private_key::generate(rng);
  public_key alice_public = alice.public_part();
};

/// A valid key with another Ed25519 part.
std::vector<uint8_t> with_ed25519_part(const public_key& key,
                                       std::string_view hex) {
  auto bytes = key.bytes();
  const auto part = Botan::hex_decode(hex);
  std::copy(part.begin(), part.end(), bytes.begin());
  return bytes;
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/identity_key");

// OpenSSL 3.5 made both keys from the first 64 bytes of the generator's stream
// (Ed25519 private key, then ML-DSA-87 hexseed); Python hashed their raw public
// halves.
TEST_CASE_FIXTURE(fixture, "a seed gives the keys that OpenSSL makes of it") {
  CHECK(Botan::hex_encode(alice_public.bytes().data(), 32, false)
        == "462e68981a500eb1496d9522c4ead3c8d62d9f14a2630ea146e200505767fb8f");
  CHECK(to_string(alice.id())
        == "b022b5eb0e85ead0c92620af005def19b7b586f053dbdd93709fde4bc2a3098a");
}

// OpenSSL 3.5 signed the same bytes with the same keys; the random input of its
// ML-DSA signature (hextest-entropy) was the next 32 bytes of the stream.
TEST_CASE_FIXTURE(fixture, "a signature is the one that OpenSSL makes") {
  const auto signature = alice.sign(context, message, rng);
  CHECK(Botan::hex_encode(signature.data(), 64, false)
        == "b5b268a25cd943874c3232eae8a03b576a1649b2a2345554a1e74b832576f07d"
           "b86cf4d166a5c6395c514d1f2be5c515df45ee2f16ffb2436f91084a46c8090a");
  const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  CHECK(Botan::hex_encode(hash->process(signature), false)
        == "07159155b86ffa84befc875b6d2ddc8dd38b036280cee6c5b5f3ee60985ea5cf");
}

TEST_CASE_FIXTURE(fixture, "sizes are those of RFC 8032 and FIPS 204") {
  CHECK(alice_public.bytes().size() == 2624);
  CHECK(alice.sign(context, message, rng).size() == 4691);
}

TEST_CASE_FIXTURE(fixture, "a key made ready gives the same verdicts") {
  // The last one forgets each signature before it comes again, the one before
  // it none.
  for (size_t holding_max : {0, 16, 2}) {
    const auto ready = alice_public.made_ready(holding_max);
    const auto copy = ready;
    CHECK(ready == alice_public);
    CHECK(ready.is_ready());
    CHECK_FALSE(ready.bare().is_ready());
    CHECK(ready.bare() == alice_public);
    const auto other = bytes_of("birds");
    const auto signature = alice.sign(context, message, rng);
    const auto second = alice.sign(context, other, rng);
    auto forged = signature;
    forged.back() ^= 1;
    auto half_forged = signature;
    half_forged.front() ^= 1;
    // In turn, so that nothing of one verification can serve the next.
    for (auto i = 0; i < 3; ++i) {
      CHECK(ready.verify(context, message, signature));
      CHECK_FALSE(ready.verify(context, other, signature));
      CHECK_FALSE(copy.verify(context, message, forged));
      CHECK_FALSE(copy.verify(context, message, half_forged));
      CHECK(copy.verify(context, other, second));
      CHECK_FALSE(ready.verify("starling/test/2", message, signature));
      CHECK_FALSE(ready.verify(context, message, {}));
    }
  }
}

TEST_CASE_FIXTURE(fixture, "a key made ready serves several threads") {
  const auto ready = alice_public.made_ready(4);
  const auto signature = alice.sign(context, message, rng);
  auto wrong = std::atomic<int>{0};
  auto threads = std::vector<std::jthread>{};
  for (auto i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      auto own = seeded_rng{7};
      for (auto k = 0; k < 10; ++k) {
        wrong += ready.verify(context, message, signature) ? 0 : 1;
        wrong += ready.verify(context, {}, signature) ? 1 : 0;
        wrong
          += ready.verify(context, {}, alice.sign(context, {}, own)) ? 0 : 1;
      }
    });
  threads.clear();
  CHECK(wrong == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "a signature holds for its signer, context, message") {
  const auto bob = private_key::generate(rng);
  const auto signature = alice.sign(context, message, rng);
  CHECK(alice_public.verify(context, message, signature));
  CHECK(!alice_public.verify(context, bytes_of("birds"), signature));
  CHECK(!alice_public.verify("starling/test/2", message, signature));
  CHECK(!alice_public.verify("", message, signature));
  CHECK(!bob.public_part().verify(context, message, signature));
}

TEST_CASE_FIXTURE(fixture, "bytes can't move between context and message") {
  const auto signature = alice.sign("ab", bytes_of("c"), rng);
  CHECK(alice_public.verify("ab", bytes_of("c"), signature));
  CHECK(!alice_public.verify("a", bytes_of("bc"), signature));
  CHECK(!alice_public.verify("abc", {}, signature));
}

TEST_CASE_FIXTURE(fixture, "the empty message can be signed") {
  CHECK(alice_public.verify(context, {}, alice.sign(context, {}, rng)));
}

TEST_CASE_FIXTURE(fixture, "both parts of a signature have to hold") {
  const auto signature = alice.sign(context, message, rng);
  for (const auto position : {0, 63, 64, 2000, 4690}) {
    auto changed = signature;
    changed[static_cast<size_t>(position)] ^= 1;
    CHECK_MESSAGE(!alice_public.verify(context, message, changed), position);
  }
}

TEST_CASE_FIXTURE(fixture, "parts of two signatures do not make a third") {
  const auto other = bytes_of("other");
  auto mixed = alice.sign(context, message, rng);
  const auto second = alice.sign(context, other, rng);
  std::copy(second.begin() + 64, second.end(), mixed.begin() + 64);
  CHECK(!alice_public.verify(context, message, mixed));
  CHECK(!alice_public.verify(context, other, mixed));
}

TEST_CASE_FIXTURE(fixture, "a part does not serve an identity that shares it") {
  // Bob takes Alice's Ed25519 key into an identity of his own.
  const auto bob = private_key::generate(rng);
  auto bytes = alice_public.bytes();
  const auto& bobs = bob.public_part().bytes();
  std::copy(bobs.begin() + 32, bobs.end(), bytes.begin() + 32);
  const auto mixed = public_key::parse(bytes);
  REQUIRE(mixed);
  auto signature = alice.sign(context, message, rng);
  const auto of_bob = bob.sign(context, message, rng);
  std::copy(of_bob.begin() + 64, of_bob.end(), signature.begin() + 64);
  CHECK(!mixed->verify(context, message, signature));
}

TEST_CASE_FIXTURE(fixture, "bytes of another length are no signature") {
  const auto signature = alice.sign(context, message, rng);
  for (const auto size : {0u, 1u, 64u, 4627u, 4690u})
    CHECK(
      !alice_public.verify(context, message, std::span{signature}.first(size)));
  auto longer = signature;
  longer.push_back(0);
  CHECK(!alice_public.verify(context, message, longer));
}

TEST_CASE_FIXTURE(fixture, "a public key survives its bytes") {
  const auto copy = public_key::parse(alice_public.bytes());
  REQUIRE(copy);
  CHECK(*copy == alice_public);
  CHECK(copy->id() == alice.id());
  CHECK(copy->verify(context, message, alice.sign(context, message, rng)));
}

TEST_CASE_FIXTURE(fixture, "a key of the wrong length is malformed") {
  const auto& bytes = alice_public.bytes();
  for (const auto size : {0u, 32u, 2592u, 2623u}) {
    const auto refused = public_key::parse(std::span{bytes}.first(size));
    REQUIRE(!refused);
    CHECK(refused.error().code == ec::malformed_input);
  }
}

// The points are those of order 1, 2, 4 and 8 that libsodium and RFC 7748
// section 7 warn of, and one that is not on the curve.
TEST_CASE_FIXTURE(fixture, "an Ed25519 point that signs anything is refused") {
  for (const auto* point :
       {"0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "0200000000000000000000000000000000000000000000000000000000000000"}) {
    const auto refused
      = public_key::parse(with_ed25519_part(alice_public, point));
    REQUIRE_MESSAGE(!refused, point);
    CHECK(refused.error().code == ec::malformed_input);
  }
}

TEST_CASE("parts of other algorithms make no identity") {
  auto rng = seeded_rng{3};
  const auto ed25519
    = [&] { return std::make_unique<Botan::Ed25519_PrivateKey>(rng); };
  const auto ml_dsa = [&](Botan::ML_DSA_Mode mode) {
    return std::make_unique<Botan::ML_DSA_PrivateKey>(rng, mode);
  };
  CHECK(
    private_key::from_parts(ed25519(), ml_dsa(Botan::ML_DSA_Mode::ML_DSA_8x7)));
  CHECK(!private_key::from_parts(ed25519(),
                                 ml_dsa(Botan::ML_DSA_Mode::ML_DSA_6x5)));
  CHECK(!private_key::from_parts(ed25519(), ed25519()));
  CHECK(!private_key::from_parts(nullptr, nullptr));
}

TEST_CASE("keys from real randomness differ and work") {
  auto rng = Botan::AutoSeeded_RNG{};
  const auto a = private_key::generate(rng);
  const auto b = private_key::generate(rng);
  CHECK(a.id() != b.id());
  CHECK(
    a.public_part().verify(context, message, a.sign(context, message, rng)));
}

TEST_SUITE_END();
