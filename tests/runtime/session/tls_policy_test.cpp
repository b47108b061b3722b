#include "runtime/session/tls_policy.hpp"

#include "runtime/session/session_context.hpp"
#include "runtime/session/session_options.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <botan/pkix_types.h>
#include <botan/tls_algos.h>
#include <botan/tls_external_psk.h>
#include <botan/tls_version.h>
#include <botan/x509cert.h>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::session;
using namespace starling::session::testing;
using Botan::TLS::Group_Params;
using Botan::TLS::Protocol_Version;

namespace {

const auto both
  = std::vector<uint16_t>{secp384r1_ml_kem_1024, x25519_ml_kem_768};

} // namespace

TEST_SUITE_BEGIN("session/tls_policy");

TEST_CASE("nothing older than TLS 1.3 and no datagram TLS is spoken") {
  const auto policy = hybrid_policy{both};
  CHECK(policy.acceptable_protocol_version(Protocol_Version::TLS_V13));
  CHECK(!policy.acceptable_protocol_version(Protocol_Version::TLS_V12));
  CHECK(!policy.acceptable_protocol_version(Protocol_Version::DTLS_V12));
}

// RFC 8446, appendix B.4: TLS_AES_256_GCM_SHA384 is 0x1302.
TEST_CASE("the only cipher suite is AES-256-GCM") {
  const auto policy = hybrid_policy{both};
  CHECK(policy.ciphersuite_list(Protocol_Version::TLS_V13)
        == std::vector<uint16_t>{0x1302});
}

TEST_CASE("the first hybrid gets a share and both are offered") {
  const auto policy = hybrid_policy{both};
  CHECK(
    policy.key_exchange_groups()
    == std::vector<Group_Params>{Group_Params{0x11ed}, Group_Params{0x11ec}});
  CHECK(policy.key_exchange_groups_to_offer()
        == std::vector<Group_Params>{Group_Params{0x11ed}});
}

TEST_CASE("our order decides between the peer's groups") {
  const auto policy = hybrid_policy{both};
  CHECK(policy.choose_key_exchange_group(
          {Group_Params{0x11ec}, Group_Params{0x11ed}}, {Group_Params{0x11ec}})
        == Group_Params{0x11ed});
  CHECK(policy.choose_key_exchange_group(
          {Group_Params{0x001d}, Group_Params{0x11ec}}, {Group_Params{0x001d}})
        == Group_Params{0x11ec});
  CHECK(policy.refusal().empty());
}

TEST_CASE("a peer with classical groups only is told what is missing") {
  const auto policy = hybrid_policy{both};
  CHECK(policy.choose_key_exchange_group(
          {Group_Params{0x001d}, Group_Params{0x0018}}, {Group_Params{0x001d}})
        == Group_Params{Group_Params::NONE});
  CHECK(policy.refusal().find("no hybrid") != std::string::npos);
  CHECK(policy.refusal().find("x25519") != std::string::npos);
  CHECK(policy.refusal().find("SecP384r1MLKEM1024") != std::string::npos);
}

TEST_CASE("a long list of groups makes a short sentence") {
  const auto policy = hybrid_policy{both};
  const auto many = hybrid_policy::group_list(5000, Group_Params{0xfafa});
  static_cast<void>(policy.choose_key_exchange_group(many, {}));
  CHECK(policy.refusal().size() < 400);
}

TEST_CASE("the credentials hold one raw key and no certificate") {
  auto rng = identity::seeded_rng{1};
  auto credentials = raw_key_credentials{make_tls_key(rng)};
  const auto key = credentials.find_raw_public_key({"ECDSA"}, "tls-server", "");
  REQUIRE(key);
  CHECK(credentials.private_key_for(*key, "tls-server", ""));
  CHECK(!credentials.find_raw_public_key({"RSA"}, "tls-server", ""));
  CHECK(
    credentials.find_cert_chain({"ECDSA"}, {}, {}, "tls-server", "").empty());
  CHECK(credentials.find_preshared_keys("", Botan::TLS::Connection_Side::Server)
          .empty());
}

TEST_SUITE_END();
