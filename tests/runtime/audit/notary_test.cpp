#include "runtime/audit/notary.hpp"

#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/seeded_rng.hpp"

#include <doctest/doctest.h>

using namespace starling;

TEST_SUITE_BEGIN("audit/notary");

TEST_CASE("a notary signs as its identity, for the audit log only") {
  auto rng = identity::seeded_rng{1};
  const auto key = identity::private_key::generate(rng);
  const auto signer = audit::notary_for(key, rng);
  const auto witness = audit::notary_for(key.public_part());
  CHECK(signer.id == key.id());
  CHECK(witness.id == key.id());
  CHECK(!witness.sign);
  const auto message = std::vector<uint8_t>{1, 2, 3};
  const auto signature = signer.sign(message);
  CHECK(signer.verify(message, signature));
  CHECK(witness.verify(message, signature));
  CHECK(!witness.verify(std::vector<uint8_t>{1, 2, 4}, signature));
  CHECK(
    key.public_part().verify("starling.audit.anchor.v1", message, signature));
  CHECK(!key.public_part().verify("starling.session", message, signature));
}

TEST_SUITE_END();
