#include "runtime/session/session_context.hpp"

#include "tests/runtime/session/session_pair.hpp"

#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;

TEST_SUITE_BEGIN("session/session_context");

TEST_CASE("a context needs a key, a policy and randomness") {
  auto node = test_node{0};
  CHECK(validate(*node.context));
  auto broken = *node.context;
  broken.key = nullptr;
  CHECK(validate(broken).error().code == ec::invalid_option);
  broken = *node.context;
  broken.policy = nullptr;
  CHECK(validate(broken).error().code == ec::invalid_option);
  broken = *node.context;
  broken.rng = nullptr;
  CHECK(validate(broken).error().code == ec::invalid_option);
}

TEST_CASE("a credential has at most 32 KiB") {
  auto node = test_node{0};
  node.context->credential = bytes(32 * 1024);
  CHECK(validate(*node.context));
  node.context->credential.push_back(0);
  CHECK(validate(*node.context).error().code == ec::invalid_option);
}

TEST_CASE("the options are part of the context") {
  auto node = test_node{0};
  node.options().groups = {0x001d};
  CHECK(validate(*node.context).error().code == ec::invalid_option);
}

TEST_CASE("a TLS key is an ECDSA key on P-384") {
  auto rng = identity::seeded_rng{1};
  const auto key = make_tls_key(rng);
  const auto* ecdsa = dynamic_cast<const Botan::ECDSA_PrivateKey*>(key.get());
  REQUIRE(ecdsa);
  CHECK(ecdsa->domain() == Botan::EC_Group::from_name("secp384r1"));
}

TEST_SUITE_END();
