#include "actors/membership/key_ring.hpp"

#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::membership;

namespace {

struct fixture {
  identity::seeded_rng rng{1};
  identity::private_key alice = identity::private_key::generate(rng);
  identity::private_key bob = identity::private_key::generate(rng);
  size_t judged = 0;
  bool admits = true;
  key_ring ring{[this](const auto&, auto) -> result<void> {
                  ++judged;
                  if (admits)
                    return {};
                  return failure{ec::revoked, "no"};
                },
                1};
  const std::vector<uint8_t> message{1, 2, 3};

  bool knows(const identity::private_key& key) {
    return ring.verify(key.id(), "test", message,
                       key.sign("test", message, rng));
  }

  result<void> add(const identity::private_key& key, uint8_t credential) {
    return ring.add(key.id(), key.public_part().bytes(),
                    std::vector<uint8_t>{credential});
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/membership/key_ring");

TEST_CASE_FIXTURE(fixture, "who was admitted is judged once a credential") {
  CHECK_FALSE(knows(alice));
  CHECK(add(alice, 1));
  CHECK(add(alice, 1));
  CHECK(judged == 1);
  CHECK(knows(alice));
  CHECK(add(alice, 2));
  CHECK(judged == 2);
}

TEST_CASE_FIXTURE(fixture, "who is not admitted is not known") {
  admits = false;
  CHECK(add(alice, 1).error().code == ec::revoked);
  CHECK_FALSE(knows(alice));
}

TEST_CASE_FIXTURE(fixture, "a key has to be that of the node") {
  CHECK(ring.add(alice.id(), bob.public_part().bytes(), {}).error().code
        == ec::authentication_failed);
  CHECK(ring.add(alice.id(), std::vector<uint8_t>(9), {}).error().code
        == ec::malformed_input);
  CHECK(judged == 0);
}

TEST_CASE_FIXTURE(fixture, "the ring is bounded") {
  CHECK(add(alice, 1));
  CHECK(add(bob, 1));
  CHECK(ring.size() == 1);
  CHECK(knows(bob));
}

TEST_CASE_FIXTURE(fixture, "keys on a shelf judge like the others") {
  // It has room for one.
  const auto shelf = std::make_shared<identity::key_shelf>(1);
  auto mixed
    = key_ring{[](const auto&, auto) { return result<void>{}; }, 8, shelf};
  const auto holds = [&](const identity::private_key& signer,
                         const identity::private_key& named) {
    return mixed.verify(named.id(), "test", message,
                        signer.sign("test", message, rng));
  };
  for (auto round = 0; round < 3; ++round) {
    for (const auto* key : {&alice, &bob})
      CHECK(mixed.add(key->id(), key->public_part().bytes(), {}));
    for (auto i = 0; i < 2; ++i) {
      CHECK(holds(alice, alice));
      CHECK_FALSE(holds(bob, alice));
      CHECK(holds(bob, bob));
      CHECK_FALSE(holds(alice, bob));
    }
    CHECK(shelf->size() == 1);
    mixed.erase(alice.id());
    CHECK_FALSE(holds(alice, alice));
    CHECK(holds(bob, bob));
  }
}

TEST_SUITE_END();
