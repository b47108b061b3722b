#pragma once

#include "runtime/session/session_messages.hpp"
#include "tests/runtime/session/session_pair.hpp"

#include <botan/aead.h>
#include <botan/credentials_manager.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/kdf.h>
#include <botan/tls_callbacks.h>
#include <botan/tls_client.h>
#include <botan/tls_policy.h>
#include <botan/tls_server.h>
#include <botan/tls_session_manager_noop.h>
#include <botan/tls_signature_scheme.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace starling::session::testing {

/// What a hostile peer does differently.
struct hostile_habits {
  std::vector<uint16_t> groups = {secp384r1_ml_kem_1024, x25519_ml_kem_768};
  std::vector<std::string> ciphers = {"AES-256/GCM"};
  std::string curve = "secp384r1";
  /// Hold no key at all: as a client, answer the server's request with nothing.
  bool has_key = true;
  bool asks_for_client_key = true;
  size_t tickets = 0;
};

/// A peer that speaks TLS by the library alone, so that it can do what no
/// session of ours does.
class hostile_peer final : public Botan::TLS::Callbacks,
                           public std::enable_shared_from_this<hostile_peer> {
public:
  hostile_peer(role side, hostile_habits habits)
    : side_{side},
      habits_{std::move(habits)},
      rng_{std::make_shared<identity::seeded_rng>(666)} {
    // nop
  }

  static std::shared_ptr<hostile_peer> make(role side,
                                            hostile_habits habits = {}) {
    auto self = std::make_shared<hostile_peer>(side, std::move(habits));
    self->open();
    return self;
  }

  /// Cuts the circle of callbacks and channel.
  void end() {
    channel_.reset();
  }

  void receive(std::span<const uint8_t> data) {
    try {
      channel_->received_data(data);
    } catch (const std::exception& e) {
      if (error.empty())
        error = e.what();
    }
  }

  bool ready() const {
    return channel_->is_handshake_complete();
  }

  void send(std::span<const uint8_t> data) {
    channel_->send(data);
  }

  void close() {
    channel_->close();
  }

  /// Sends a message as the identity step frames it.
  void say(const session_message& message) {
    say_raw(encode(message));
  }

  void say_raw(const bytes& encoded) {
    auto framed = bytes{};
    for (auto shift : {24, 16, 8, 0})
      framed.push_back(static_cast<uint8_t>(encoded.size() >> shift & 0xff));
    framed.insert(framed.end(), encoded.begin(), encoded.end());
    send(framed);
  }

  /// Returns the messages of the identity step that came so far.
  std::vector<session_message> heard() const {
    auto result = std::vector<session_message>{};
    for (auto rest = std::span<const uint8_t>{plaintext}; rest.size() >= 4;) {
      const auto size = size_t{rest[2]} << 8 | rest[3];
      if (rest.size() < 4 + size)
        break;
      auto message = decode_session_message(rest.subspan(4, size));
      REQUIRE(message);
      result.push_back(*message);
      rest = rest.subspan(4 + size);
    }
    return result;
  }

  /// Encrypts application data under the own handshake key, before any proof.
  /// Source: RFC 8446, sections 5.2 and 7.3.
  bytes forged_early_data(std::string_view text) const {
    const auto& traffic = secrets.at(side_ == role::initiator
                                       ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
                                       : "SERVER_HANDSHAKE_TRAFFIC_SECRET");
    auto inner = Botan::secure_vector<uint8_t>(text.begin(), text.end());
    inner.push_back(23);
    auto record = bytes{23, 3, 3, 0, static_cast<uint8_t>(inner.size() + 16)};
    auto cipher = Botan::AEAD_Mode::create_or_throw(
      "AES-256/GCM", Botan::Cipher_Dir::Encryption);
    cipher->set_key(tls_expand(traffic, "key", 32));
    cipher->set_associated_data(record);
    cipher->start(tls_expand(traffic, "iv", 12));
    cipher->finish(inner);
    record.insert(record.end(), inner.begin(), inner.end());
    return record;
  }

  bytes output;
  bytes plaintext;
  std::string error;
  std::vector<std::string> alerts;
  std::map<std::string, Botan::secure_vector<uint8_t>> secrets;

private:
  struct policy final : Botan::TLS::Policy {
    explicit policy(const hostile_habits& x) : habits{x} {
      // nop
    }

    using group_list = std::vector<Botan::TLS::Group_Params>;

    bool allow_ssl_key_log_file() const override {
      return true;
    }

    bool allow_tls12() const override {
      return false;
    }

    std::vector<std::string> allowed_ciphers() const override {
      return habits.ciphers;
    }

    group_list key_exchange_groups() const override {
      return {habits.groups.begin(), habits.groups.end()};
    }

    group_list key_exchange_groups_to_offer() const override {
      return {habits.groups.front()};
    }

    std::vector<Botan::TLS::Signature_Scheme>
    allowed_signature_schemes() const override {
      return {Botan::TLS::Signature_Scheme::ECDSA_SHA384,
              Botan::TLS::Signature_Scheme::ECDSA_SHA256};
    }

    bool require_client_certificate_authentication() const override {
      return habits.asks_for_client_key;
    }

    std::vector<Botan::TLS::Certificate_Type>
    accepted_client_certificate_types() const override {
      return {Botan::TLS::Certificate_Type::RawPublicKey};
    }

    std::vector<Botan::TLS::Certificate_Type>
    accepted_server_certificate_types() const override {
      return {Botan::TLS::Certificate_Type::RawPublicKey};
    }

    size_t new_session_tickets_upon_handshake_success() const override {
      return habits.tickets;
    }

    bool tls_13_middlebox_compatibility_mode() const override {
      return false;
    }

    const hostile_habits& habits;
  };

  struct credentials final : Botan::Credentials_Manager {
    std::shared_ptr<Botan::Public_Key>
    find_raw_public_key(const std::vector<std::string>&, const std::string&,
                        const std::string&) override {
      return key ? std::shared_ptr<Botan::Public_Key>{key->public_key()}
                 : nullptr;
    }

    using Botan::Credentials_Manager::private_key_for;

    std::shared_ptr<Botan::Private_Key>
    private_key_for(const Botan::Public_Key&, const std::string&,
                    const std::string&) override {
      return key;
    }

    std::shared_ptr<Botan::Private_Key> key;
  };

  static Botan::secure_vector<uint8_t>
  tls_expand(const Botan::secure_vector<uint8_t>& from, std::string_view label,
             size_t size) {
    const auto full = "tls13 " + std::string{label};
    auto info
      = bytes{0, static_cast<uint8_t>(size), static_cast<uint8_t>(full.size())};
    info.insert(info.end(), full.begin(), full.end());
    info.push_back(0);
    return Botan::KDF::create_or_throw("HKDF-Expand(SHA-384)")
      ->derive_key(size, from, std::span<const uint8_t>{}, info);
  }

  void open() {
    auto keys = std::make_shared<credentials>();
    if (habits_.has_key)
      keys->key = std::make_shared<Botan::ECDSA_PrivateKey>(
        *rng_, Botan::EC_Group::from_name(habits_.curve));
    auto sessions = std::make_shared<Botan::TLS::Session_Manager_Noop>();
    auto rules = std::make_shared<policy>(habits_);
    if (side_ == role::initiator)
      channel_ = std::make_unique<Botan::TLS::Client>(
        shared_from_this(), sessions, keys, rules, rng_,
        Botan::TLS::Server_Information{},
        Botan::TLS::Protocol_Version::TLS_V13);
    else
      channel_ = std::make_unique<Botan::TLS::Server>(
        shared_from_this(), sessions, keys, rules, rng_);
  }

  void tls_emit_data(std::span<const uint8_t> data) override {
    output.insert(output.end(), data.begin(), data.end());
  }

  void tls_record_received(uint64_t, std::span<const uint8_t> data) override {
    plaintext.insert(plaintext.end(), data.begin(), data.end());
  }

  void tls_alert(Botan::TLS::Alert alert) override {
    alerts.push_back(alert.type_string());
  }

  void tls_verify_raw_public_key(const Botan::Public_Key&, Botan::Usage_Type,
                                 std::string_view,
                                 const Botan::TLS::Policy&) override {
    // Trusts anybody.
  }

  void tls_ssl_key_log_data(std::string_view label, std::span<const uint8_t>,
                            std::span<const uint8_t> value) const override {
    auto& known = const_cast<hostile_peer*>(this)->secrets;
    known[std::string{label}] = {value.begin(), value.end()};
  }

  role side_;
  hostile_habits habits_;
  std::shared_ptr<Botan::RandomNumberGenerator> rng_;
  std::unique_ptr<Botan::TLS::Channel> channel_;
};

/// One of our sessions against a hostile peer.
struct hostile_pair {
  hostile_pair(role hostile_side, const test_node& node,
               hostile_habits habits = {})
    : hostile{hostile_peer::make(hostile_side, std::move(habits))},
      victim{other(hostile_side), node} {
    CHECK(victim.session.start());
  }

  ~hostile_pair() {
    hostile->end();
  }

  void pump() {
    for (auto moved = true; moved;) {
      moved = false;
      if (auto data = std::exchange(hostile->output, {}); !data.empty()) {
        moved = true;
        static_cast<void>(victim.receive(data, test_start));
      }
      if (auto data = victim.take(); !data.empty()) {
        moved = true;
        hostile->receive(data);
      }
    }
  }

  /// The failure of our session. Nothing has leaked to the listener.
  failure refusal() {
    REQUIRE(victim.session.error());
    CHECK(!victim.session.established());
    CHECK(victim.events.established == 0);
    CHECK(victim.events.payload.empty());
    return *victim.session.error();
  }

  std::shared_ptr<hostile_peer> hostile;
  test_end victim;
};

} // namespace starling::session::testing
