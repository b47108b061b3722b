#include "runtime/session/tls_policy.hpp"

#include "runtime/session/hybrid_group.hpp"

#include <botan/tls_algos.h>
#include <botan/tls_signature_scheme.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace starling::session {

namespace {

using Botan::TLS::Certificate_Type;
using Botan::TLS::Group_Params;
using Botan::TLS::Signature_Scheme;

/// A stranger's list may be long; a log line must not be.
constexpr size_t names_max = 8;

std::string names_of(const hybrid_policy::group_list& groups) {
  auto names = std::vector<std::string>{};
  for (auto i = size_t{0}; i < std::min(groups.size(), names_max); ++i)
    names.push_back(group_name(groups[i].wire_code()));
  const auto more = groups.size() > names_max ? ", ..." : "";
  return fmt::format("{}{}", fmt::join(names, ", "), more);
}

bool contains(const hybrid_policy::group_list& groups, Group_Params group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

} // namespace

// -- hybrid_policy ------------------------------------------------------------

hybrid_policy::hybrid_policy(const std::vector<uint16_t>& groups)
  : groups_(groups.begin(), groups.end()) {
  // nop
}

bool hybrid_policy::allow_tls12() const {
  return false;
}

bool hybrid_policy::allow_dtls12() const {
  return false;
}

bool hybrid_policy::allow_ssl_key_log_file() const {
  return false;
}

std::vector<std::string> hybrid_policy::allowed_ciphers() const {
  return {"AES-256/GCM"};
}

std::vector<Signature_Scheme> hybrid_policy::allowed_signature_schemes() const {
  return {Signature_Scheme::ECDSA_SHA384};
}

size_t hybrid_policy::minimum_ecdsa_group_size() const {
  return 384;
}

hybrid_policy::group_list hybrid_policy::key_exchange_groups() const {
  return groups_;
}

hybrid_policy::group_list hybrid_policy::key_exchange_groups_to_offer() const {
  // One share of 1.7 kB is enough; a peer without that group asks for another.
  return {groups_.front()};
}

Group_Params hybrid_policy::choose_key_exchange_group(
  const group_list& supported_by_peer,
  const group_list& offered_by_peer) const {
  // A group with a share saves a round trip, but not at the price of a weaker
  // one: our order decides.
  for (auto group : groups_)
    if (contains(offered_by_peer, group) || contains(supported_by_peer, group))
      return group;
  const auto hybrid = std::any_of(
    supported_by_peer.begin(), supported_by_peer.end(),
    [](Group_Params group) { return group.is_pqc_hybrid_ml_kem(); });
  refusal_ = fmt::format(
    "the peer offers {} ({}), this node accepts only the post-quantum hybrids "
    "{}; update the peer or enable one of them there",
    hybrid ? "other hybrid groups" : "only groups that are no hybrid",
    names_of(supported_by_peer), names_of(groups_));
  return Group_Params::NONE;
}

bool hybrid_policy::require_client_certificate_authentication() const {
  return true;
}

bool hybrid_policy::require_cert_revocation_info() const {
  return false;
}

bool hybrid_policy::support_cert_status_message() const {
  return false;
}

std::vector<Certificate_Type>
hybrid_policy::accepted_client_certificate_types() const {
  return {Certificate_Type::RawPublicKey};
}

std::vector<Certificate_Type>
hybrid_policy::accepted_server_certificate_types() const {
  return {Certificate_Type::RawPublicKey};
}

size_t hybrid_policy::new_session_tickets_upon_handshake_success() const {
  return 0;
}

size_t hybrid_policy::maximum_session_tickets_per_client_hello() const {
  return 0;
}

size_t hybrid_policy::maximum_handshake_message_size() const {
  // A ClientHello with a P-384 and ML-KEM-1024 share has about 2 kB.
  return 8 * 1024;
}

bool hybrid_policy::tls_13_middlebox_compatibility_mode() const {
  return false;
}

// -- raw_key_credentials ------------------------------------------------------

raw_key_credentials::raw_key_credentials(
  std::shared_ptr<Botan::Private_Key> key)
  : key_{std::move(key)},
    public_part_{key_->public_key()} {
  // nop
}

std::shared_ptr<Botan::Public_Key> raw_key_credentials::find_raw_public_key(
  const std::vector<std::string>& key_types, const std::string&,
  const std::string&) {
  const auto wanted
    = key_types.empty()
      || std::find(key_types.begin(), key_types.end(), key_->algo_name())
           != key_types.end();
  return wanted ? public_part_ : nullptr;
}

std::shared_ptr<Botan::Private_Key>
raw_key_credentials::private_key_for(const Botan::Public_Key&,
                                     const std::string&, const std::string&) {
  return key_;
}

} // namespace starling::session
