#pragma once

#include <botan/credentials_manager.h>
#include <botan/pk_keys.h>
#include <botan/tls_policy.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace starling::session {

/// What this node agrees to in TLS. Everything that Botan's own policy leaves
/// open is closed here: it would offer X25519 alone, speak TLS 1.2, ask for no
/// client key and hand out tickets.
class hybrid_policy final : public Botan::TLS::Policy {
public:
  /// `groups` in order of preference; a share is offered for the first.
  explicit hybrid_policy(const std::vector<uint16_t>& groups);

  /// Says what was wrong with the groups of a client that had none of ours;
  /// empty until then.
  [[nodiscard]] const std::string& refusal() const {
    return refusal_;
  }

  using group_list = std::vector<Botan::TLS::Group_Params>;

  bool allow_tls12() const override;
  bool allow_dtls12() const override;
  bool allow_ssl_key_log_file() const override;
  std::vector<std::string> allowed_ciphers() const override;
  std::vector<Botan::TLS::Signature_Scheme>
  allowed_signature_schemes() const override;
  size_t minimum_ecdsa_group_size() const override;
  group_list key_exchange_groups() const override;
  group_list key_exchange_groups_to_offer() const override;
  Botan::TLS::Group_Params
  choose_key_exchange_group(const group_list& supported_by_peer,
                            const group_list& offered_by_peer) const override;
  bool require_client_certificate_authentication() const override;
  bool require_cert_revocation_info() const override;
  bool support_cert_status_message() const override;
  std::vector<Botan::TLS::Certificate_Type>
  accepted_client_certificate_types() const override;
  std::vector<Botan::TLS::Certificate_Type>
  accepted_server_certificate_types() const override;
  size_t new_session_tickets_upon_handshake_success() const override;
  size_t maximum_session_tickets_per_client_hello() const override;
  size_t maximum_handshake_message_size() const override;
  bool tls_13_middlebox_compatibility_mode() const override;

private:
  group_list groups_;
  /// Botan asks by a const call.
  mutable std::string refusal_;
};

/// Hands out one raw key and nothing else: no certificate, no pre-shared key.
class raw_key_credentials final : public Botan::Credentials_Manager {
public:
  explicit raw_key_credentials(std::shared_ptr<Botan::Private_Key> key);

  std::shared_ptr<Botan::Public_Key>
  find_raw_public_key(const std::vector<std::string>& key_types,
                      const std::string& type,
                      const std::string& context) override;

  using Botan::Credentials_Manager::private_key_for;

  std::shared_ptr<Botan::Private_Key>
  private_key_for(const Botan::Public_Key& raw_public_key,
                  const std::string& type, const std::string& context) override;

private:
  std::shared_ptr<Botan::Private_Key> key_;
  std::shared_ptr<Botan::Public_Key> public_part_;
};

} // namespace starling::session
