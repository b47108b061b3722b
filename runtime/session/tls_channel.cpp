#include "runtime/session/tls_channel.hpp"

#include "runtime/session/hybrid_group.hpp"
#include "runtime/session/tls_policy.hpp"

#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/exceptn.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_client.h>
#include <botan/tls_exceptn.h>
#include <botan/tls_server.h>
#include <botan/tls_session.h>
#include <botan/tls_session_manager_noop.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace starling::session {

namespace {

using Botan::TLS::Alert;
using Botan::TLS::TLS_Exception;

ec code_of(Alert::Type alert) {
  switch (alert) {
    case Alert::HandshakeFailure:
    case Alert::InsufficientSecurity:
    case Alert::ProtocolVersion:
    case Alert::MissingExtension:
    case Alert::UnsupportedExtension:
    case Alert::UnsupportedCertificate:
    case Alert::NoApplicationProtocol:
      return ec::negotiation_failed;
    case Alert::BadCertificate:
    case Alert::CertificateUnknown:
    case Alert::CertificateRequired:
    case Alert::CertificateRevoked:
    case Alert::CertificateExpired:
    case Alert::UnknownCA:
    case Alert::AccessDenied:
    case Alert::DecryptError:
      return ec::authentication_failed;
    case Alert::BadRecordMac:
      return ec::tampered;
    case Alert::DecodeError:
    case Alert::RecordOverflow:
      return ec::malformed_input;
    case Alert::CloseNotify:
    case Alert::UserCanceled:
      return ec::connection_closed;
    default:
      return ec::protocol_violation;
  }
}

std::vector<uint8_t> hash_of(const Botan::Public_Key& key) {
  return sha384({key.subject_public_key()});
}

} // namespace

struct tls_channel::state final : Botan::TLS::Callbacks {
  state(role own_side, std::shared_ptr<const session_context> shared)
    : side{own_side},
      context{std::move(shared)} {
    // nop
  }

  // -- what the library tells -------------------------------------------------

  void tls_emit_data(std::span<const uint8_t> data) override {
    output.insert(output.end(), data.begin(), data.end());
  }

  void tls_record_received(uint64_t, std::span<const uint8_t> data) override {
    // The guard. A library that lets data through before its peer has proved
    // anything is stopped here, whichever role we have.
    if (!ready())
      throw TLS_Exception{Alert::UnexpectedMessage,
                          "data came before the handshake was complete"};
    plaintext.insert(plaintext.end(), data.begin(), data.end());
  }

  void tls_alert(Alert alert) override {
    // Only the first counts: it says why.
    if (!peer_alert)
      peer_alert = alert.type();
  }

  bool tls_peer_closed_connection() override {
    return false;
  }

  void tls_session_activated() override {
    activated = true;
  }

  void
  tls_session_established(const Botan::TLS::Session_Summary& summary) override {
    const auto name = summary.kex_parameters().value_or("");
    const auto agreed = Botan::TLS::Group_Params::from_string(name);
    group = agreed ? agreed->wire_code() : uint16_t{0};
    const auto& accepted = context->options.groups;
    if (std::find(accepted.begin(), accepted.end(), group) == accepted.end())
      throw TLS_Exception{Alert::InsufficientSecurity,
                          fmt::format("the group agreed on ({}) is not one of "
                                      "this node's hybrids",
                                      name)};
    if (!summary.version().is_tls_13_or_later()
        || summary.cipher_algo() != "AES-256/GCM" || summary.psk_used()
        || summary.was_resumption())
      throw TLS_Exception{Alert::InsufficientSecurity,
                          "TLS agreed on a version, cipher or pre-shared key "
                          "that this node does not use"};
  }

  bool tls_should_persist_resumption_information(
    const Botan::TLS::Session&) override {
    return false;
  }

  /// Any P-384 key will do: the identity step asks whose it is.
  void tls_verify_raw_public_key(const Botan::Public_Key& key,
                                 Botan::Usage_Type, std::string_view,
                                 const Botan::TLS::Policy&) override {
    const auto* ecdsa = dynamic_cast<const Botan::ECDSA_PublicKey*>(&key);
    if (!ecdsa || ecdsa->domain() != Botan::EC_Group::from_name("secp384r1"))
      throw TLS_Exception{Alert::UnsupportedCertificate,
                          "the peer's raw key is not on P-384"};
    peer_key_hash = hash_of(key);
  }

  void tls_verify_cert_chain(
    const std::vector<Botan::X509_Certificate>&,
    const std::vector<std::optional<Botan::OCSP::Response>>&,
    const std::vector<Botan::Certificate_Store*>&, Botan::Usage_Type,
    std::string_view, const Botan::TLS::Policy&) override {
    throw TLS_Exception{Alert::UnsupportedCertificate,
                        "the peer shows a certificate in place of a raw key"};
  }

  std::chrono::system_clock::time_point tls_current_timestamp() override {
    using std::chrono::system_clock;
    return system_clock::time_point{
      std::chrono::duration_cast<system_clock::duration>(
        now.time_since_epoch())};
  }

  // -- what the channel asks --------------------------------------------------

  bool ready() const {
    return channel && activated && group != 0 && !peer_key_hash.empty()
           && channel->is_handshake_complete();
  }

  failure failure_of(ec code, std::string_view text) const {
    if (policy && !policy->refusal().empty())
      return {ec::negotiation_failed,
              fmt::format("TLS: {}", policy->refusal())};
    return {code, fmt::format("TLS: {}", text)};
  }

  /// Runs a step of the library and turns what it throws into a failure.
  template <class Step>
  result<void> guarded(time_point at, Step step) {
    now = at;
    try {
      step();
      return {};
    } catch (const TLS_Exception& e) {
      return failure_of(code_of(e.type()), e.what());
    } catch (const Botan::Invalid_Authentication_Tag& e) {
      return failure_of(ec::tampered, e.what());
    } catch (const Botan::Decoding_Error& e) {
      return failure_of(ec::malformed_input, e.what());
    } catch (const std::exception& e) {
      return failure_of(ec::protocol_violation, e.what());
    }
  }

  result<void> check_alert() const {
    if (!peer_alert)
      return {};
    const auto code = code_of(*peer_alert);
    const auto* hint
      = code == ec::negotiation_failed
          ? " (this node offers only post-quantum hybrid groups, raw P-384 "
            "keys and AES-256-GCM; does the peer speak them?)"
          : "";
    return failure{code, fmt::format("TLS: the peer ended the handshake with "
                                     "the alert {}{}",
                                     Alert{*peer_alert}.type_string(), hint)};
  }

  role side;
  std::shared_ptr<const session_context> context;
  std::shared_ptr<hybrid_policy> policy;
  std::unique_ptr<Botan::TLS::Channel> channel;
  time_point now{};
  bool activated = false;
  std::optional<Alert::Type> peer_alert;
  uint16_t group = 0;
  std::vector<uint8_t> own_key_hash;
  std::vector<uint8_t> peer_key_hash;
  std::vector<uint8_t> output;
  std::vector<uint8_t> plaintext;
};

tls_channel::tls_channel(role side,
                         std::shared_ptr<const session_context> context)
  : state_{std::make_shared<state>(side, std::move(context))} {
  // nop
}

tls_channel::~tls_channel() {
  // The library keeps the callbacks alive and the callbacks own the library's
  // channel: cut the circle.
  state_->channel.reset();
}

result<void> tls_channel::start(time_point now) {
  assert(!state_->channel);
  return state_->guarded(now, [this] {
    auto& st = *state_;
    const auto& context = *st.context;
    auto key = context.tls_key ? context.tls_key : make_tls_key(*context.rng);
    st.own_key_hash = hash_of(*key->public_key());
    st.policy = std::make_shared<hybrid_policy>(context.options.groups);
    auto credentials = std::make_shared<raw_key_credentials>(std::move(key));
    auto sessions = std::make_shared<Botan::TLS::Session_Manager_Noop>();
    // Whole records come in and short messages go out.
    constexpr auto buffer_size = size_t{4 * 1024};
    if (st.side == role::initiator)
      st.channel = std::make_unique<Botan::TLS::Client>(
        state_, sessions, credentials, st.policy, context.rng,
        Botan::TLS::Server_Information{}, Botan::TLS::Protocol_Version::TLS_V13,
        std::vector<std::string>{}, buffer_size);
    else
      st.channel = std::make_unique<Botan::TLS::Server>(
        state_, sessions, credentials, st.policy, context.rng, false,
        buffer_size);
  });
}

result<void> tls_channel::receive(std::span<const uint8_t> record,
                                  time_point now) {
  assert(state_->channel);
  auto done
    = state_->guarded(now, [&] { state_->channel->received_data(record); });
  if (!done)
    return done;
  return state_->check_alert();
}

result<void> tls_channel::send(std::span<const uint8_t> plaintext,
                               time_point now) {
  assert(ready());
  return state_->guarded(now, [&] { state_->channel->send(plaintext); });
}

void tls_channel::close() {
  if (!state_->channel)
    return;
  // A channel that has no keys yet can't close in order, and need not.
  static_cast<void>(
    state_->guarded(state_->now, [this] { state_->channel->close(); }));
}

std::vector<uint8_t>& tls_channel::output() {
  return state_->output;
}

std::vector<uint8_t>& tls_channel::plaintext() {
  return state_->plaintext;
}

bool tls_channel::ready() const {
  return state_->ready();
}

secret tls_channel::exported(std::string_view label,
                             std::span<const uint8_t> context,
                             size_t size) const {
  assert(ready());
  const auto text = std::string_view{
    reinterpret_cast<const char*>(context.data()), context.size()};
  return state_->channel->key_material_export(label, text, size).bits_of();
}

const std::vector<uint8_t>& tls_channel::own_key_hash() const {
  return state_->own_key_hash;
}

const std::vector<uint8_t>& tls_channel::peer_key_hash() const {
  return state_->peer_key_hash;
}

uint16_t tls_channel::group() const {
  return state_->group;
}

} // namespace starling::session
