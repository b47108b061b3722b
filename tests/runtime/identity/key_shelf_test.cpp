#include "runtime/identity/key_shelf.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace starling;
using namespace starling::identity;

namespace {

struct fixture {
  seeded_rng rng{1};
  private_key alice = private_key::generate(rng);
  private_key bob = private_key::generate(rng);
  const std::vector<uint8_t> message{1, 2, 3};
  key_shelf shelf{1};

  bool holds(const private_key& signer, const private_key& named) {
    const auto key = shelf.parse(named.public_part().bytes());
    REQUIRE(key);
    CHECK(key->id() == named.id());
    CHECK(key->is_ready());
    return key->verify("test", message, signer.sign("test", message, rng));
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/identity/key_shelf");

TEST_CASE_FIXTURE(fixture, "a key is the same on the shelf and off it") {
  for (auto round = 0; round < 3; ++round) {
    CHECK(holds(alice, alice));
    CHECK_FALSE(holds(bob, alice));
    CHECK(holds(bob, bob));
    if (round == 0)
      CHECK(shelf.keep(alice.public_part()));
    else
      shelf.drop(alice.id());
  }
}

TEST_CASE_FIXTURE(fixture, "asking for a key does not put it there") {
  CHECK(shelf.parse(alice.public_part().bytes()));
  CHECK(shelf.size() == 0);
}

TEST_CASE_FIXTURE(fixture, "a full shelf keeps what it has") {
  CHECK(shelf.keep(alice.public_part()));
  CHECK(shelf.keep(alice.public_part()));
  CHECK_FALSE(shelf.keep(bob.public_part()));
  CHECK(shelf.size() == 1);
  CHECK(holds(bob, bob));
  shelf.drop(alice.id());
  CHECK(shelf.keep(bob.public_part()));
}

TEST_CASE_FIXTURE(fixture, "bytes that are no key are refused") {
  CHECK(shelf.parse(std::vector<uint8_t>(9)).error().code
        == ec::malformed_input);
}

TEST_SUITE_END();
