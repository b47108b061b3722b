#include "runtime/identity/seeded_rng.hpp"

#include <botan/hex.h>
#include <doctest/doctest.h>

#include <vector>

using starling::identity::seeded_rng;

namespace {

std::string next(seeded_rng& rng, size_t size) {
  auto bytes = std::vector<uint8_t>(size);
  rng.randomize(bytes);
  return Botan::hex_encode(bytes, false);
}

} // namespace

TEST_SUITE_BEGIN("runtime/identity/seeded_rng");

// OpenSSL 3.5: openssl enc -chacha20 -K <SHA-256 of the seed as 8 big-endian
// bytes> -iv 0, over zeros.
TEST_CASE("the output is the ChaCha20 key stream of the hashed seed") {
  auto one = seeded_rng{1};
  CHECK(next(one, 32)
        == "47b15744a5a89e49f3a05f68b7ce8f7c3b51989cc694d1d0264ac8bd50ca9567");
  auto two = seeded_rng{2};
  CHECK(next(two, 32)
        == "0fc74aa6f6cf02493d7ac656d6a8e6d0ba9bcae329d46f3d8629e03e5a5ba0b4");
}

TEST_CASE("how much is asked for at a time does not matter") {
  auto pieces = seeded_rng{1};
  auto joined = next(pieces, 1);
  joined += next(pieces, 0);
  joined += next(pieces, 7);
  joined += next(pieces, 192);
  auto whole = seeded_rng{1};
  CHECK(joined == next(whole, 200));
}

TEST_CASE("clearing starts again, and input changes nothing") {
  auto rng = seeded_rng{5};
  const auto first = next(rng, 16);
  rng.clear();
  rng.add_entropy_T(uint64_t{42});
  auto with_input = std::vector<uint8_t>(16);
  rng.randomize_with_ts_input(with_input);
  CHECK(Botan::hex_encode(with_input, false) == first);
  CHECK(rng.is_seeded());
  CHECK(!rng.accepts_input());
}

TEST_SUITE_END();
