#include "runtime/session/hybrid_group.hpp"

#include "runtime/session/session_options.hpp"

#include <botan/pubkey.h>
#include <botan/tls_alert.h>
#include <botan/tls_algos.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_policy.h>
#include <fmt/format.h>

namespace starling::session {

namespace {

/// Botan offers its groups through the callbacks of a TLS channel; this one has
/// no channel.
class group_arithmetic final : public Botan::TLS::Callbacks {
public:
  void tls_emit_data(std::span<const uint8_t>) override {
    // nop
  }

  void tls_record_received(uint64_t, std::span<const uint8_t>) override {
    // nop
  }

  void tls_alert(Botan::TLS::Alert) override {
    // nop
  }
};

failure bad_length(uint16_t group, const char* what, size_t size) {
  return {ec::malformed_input,
          fmt::format("a {} of {} bytes does not fit group {}", what, size,
                      group_name(group))};
}

failure refused(uint16_t group, const char* what, const std::exception& e) {
  return {ec::malformed_input, fmt::format("a {} of group {} is invalid: {}",
                                           what, group_name(group), e.what())};
}

} // namespace

size_t share_size(uint16_t group) {
  // An uncompressed P-384 point is 97 bytes, an X25519 point 32 bytes; ML-KEM
  // encapsulation keys are 1568 and 1184 bytes.
  switch (group) {
    case secp384r1_ml_kem_1024:
      return 97 + 1568;
    case x25519_ml_kem_768:
      return 1184 + 32;
    default:
      return 0;
  }
}

size_t ciphertext_size(uint16_t group) {
  switch (group) {
    case secp384r1_ml_kem_1024:
      return 97 + 1568;
    case x25519_ml_kem_768:
      return 1088 + 32;
    default:
      return 0;
  }
}

std::string group_name(uint16_t group) {
  switch (group) {
    case secp384r1_ml_kem_1024:
      return "SecP384r1MLKEM1024";
    case x25519_ml_kem_768:
      return "X25519MLKEM768";
    default:
      if (auto name = Botan::TLS::Group_Params{group}.to_string())
        return *name;
      return fmt::format("0x{:04x}", group);
  }
}

hybrid_key::hybrid_key(uint16_t group, std::unique_ptr<Botan::Private_Key> key)
  : group_{group},
    key_{std::move(key)} {
  // nop
}

result<hybrid_key> hybrid_key::generate(uint16_t group,
                                        Botan::RandomNumberGenerator& rng) {
  if (share_size(group) == 0)
    return failure{
      ec::negotiation_failed,
      fmt::format("{} is not a post-quantum hybrid group", group_name(group))};
  try {
    return hybrid_key{group, group_arithmetic{}.tls_kem_generate_key(
                               Botan::TLS::Group_Params{group}, rng)};
  } catch (const std::exception& e) {
    return failure{ec::negotiation_failed,
                   fmt::format("no key of group {} can be made: {}",
                               group_name(group), e.what())};
  }
}

std::vector<uint8_t> hybrid_key::share() const {
  return key_->raw_public_key_bits();
}

result<Botan::secure_vector<uint8_t>>
hybrid_key::decapsulate(std::span<const uint8_t> ciphertext,
                        Botan::RandomNumberGenerator& rng) const {
  if (ciphertext.size() != ciphertext_size(group_))
    return bad_length(group_, "ciphertext", ciphertext.size());
  try {
    return group_arithmetic{}.tls_kem_decapsulate(
      Botan::TLS::Group_Params{group_}, *key_,
      std::vector<uint8_t>{ciphertext.begin(), ciphertext.end()}, rng,
      Botan::TLS::Policy{});
  } catch (const std::exception& e) {
    return refused(group_, "ciphertext", e);
  }
}

result<encapsulated> encapsulate(uint16_t group, std::span<const uint8_t> share,
                                 Botan::RandomNumberGenerator& rng) {
  if (share.empty() || share.size() != share_size(group))
    return bad_length(group, "key share", share.size());
  try {
    auto sealed = group_arithmetic{}.tls_kem_encapsulate(
      Botan::TLS::Group_Params{group},
      std::vector<uint8_t>{share.begin(), share.end()}, rng,
      Botan::TLS::Policy{});
    return encapsulated{sealed.encapsulated_shared_key(), sealed.shared_key()};
  } catch (const std::exception& e) {
    return refused(group, "key share", e);
  }
}

} // namespace starling::session
