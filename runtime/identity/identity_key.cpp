#include "runtime/identity/identity_key.hpp"

#include "runtime/identity/canonical_bytes.hpp"

#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/ml_dsa.h>
#include <botan/pubkey.h>
#include <botan/rng.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <exception>
#include <utility>

namespace starling::identity {

namespace {

constexpr size_t ed25519_key_size = 32;
constexpr size_t ed25519_signature_size = 64;

/// Stands before all that an identity ever signs.
constexpr std::string_view domain = "starling/identity/1";

constexpr auto ml_dsa_mode = Botan::ML_DSA_Mode::ML_DSA_8x7;

/// Returns what is signed before the message itself. The length of the message
/// is last, so the message follows unambiguously.
std::vector<uint8_t> preamble(const peer_id& signer, std::string_view context,
                              size_t message_size) {
  return canonical_bytes{}
    .text(domain)
    .id(signer)
    .text(context)
    .number(message_size)
    .get();
}

peer_id hash_of(std::span<const uint8_t> bytes) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(bytes);
  auto id = peer_id{};
  hash->final(id.bytes);
  return id;
}

bool verify_part(const Botan::Public_Key& key, const char* padding,
                 std::span<const uint8_t> head,
                 std::span<const uint8_t> message,
                 std::span<const uint8_t> signature) {
  auto verifier = Botan::PK_Verifier{key, padding};
  verifier.update(head);
  verifier.update(message);
  return verifier.check_signature(signature);
}

void sign_part(const Botan::Private_Key& key, const char* padding,
               std::span<const uint8_t> head, std::span<const uint8_t> message,
               Botan::RandomNumberGenerator& rng, std::vector<uint8_t>& out) {
  auto signer = Botan::PK_Signer{key, rng, padding};
  signer.update(head);
  signer.update(message);
  const auto signature = signer.signature(rng);
  out.insert(out.end(), signature.begin(), signature.end());
}

failure malformed_key(std::string_view reason) {
  return {ec::malformed_input, fmt::format("not an identity key: {}", reason)};
}

} // namespace

struct public_key::parts {
  std::vector<uint8_t> bytes;
  peer_id id;
  Botan::Ed25519_PublicKey ed25519;
  Botan::ML_DSA_PublicKey ml_dsa;

  explicit parts(std::span<const uint8_t> input)
    : bytes{input.begin(), input.end()},
      id{hash_of(input)},
      ed25519{input.first(ed25519_key_size)},
      ml_dsa{input.subspan(ed25519_key_size), ml_dsa_mode} {
    // nop
  }
};

public_key::public_key(std::shared_ptr<const parts> content)
  : content_{std::move(content)} {
  // nop
}

result<public_key> public_key::parse(std::span<const uint8_t> bytes) {
  if (bytes.size() != public_key_size)
    return malformed_key(
      fmt::format("{} bytes, expected {}", bytes.size(), public_key_size));
  try {
    auto content = std::make_shared<const parts>(bytes);
    auto no_rng = Botan::Null_RNG{};
    if (!content->ed25519.check_key(no_rng, true))
      return malformed_key("the Ed25519 part is no point of prime order");
    return public_key{std::move(content)};
  } catch (const std::exception& ex) {
    return malformed_key(ex.what());
  }
}

const std::vector<uint8_t>& public_key::bytes() const noexcept {
  return content_->bytes;
}

peer_id public_key::id() const noexcept {
  return content_->id;
}

bool public_key::verify(std::string_view context,
                        std::span<const uint8_t> message,
                        std::span<const uint8_t> signature) const noexcept {
  if (signature.size() != signature_size)
    return false;
  try {
    const auto head = preamble(content_->id, context, message.size());
    // The cheap part goes first; both have to hold.
    return verify_part(content_->ed25519, "Pure", head, message,
                       signature.first(ed25519_signature_size))
           && verify_part(content_->ml_dsa, "", head, message,
                          signature.subspan(ed25519_signature_size));
  } catch (const std::exception&) {
    return false;
  }
}

private_key::private_key(std::unique_ptr<Botan::Private_Key> ed25519,
                         std::unique_ptr<Botan::Private_Key> ml_dsa,
                         public_key shared)
  : ed25519_{std::move(ed25519)},
    ml_dsa_{std::move(ml_dsa)},
    public_part_{std::move(shared)} {
  // nop
}

private_key::private_key(private_key&&) noexcept = default;

private_key& private_key::operator=(private_key&&) noexcept = default;

private_key::~private_key() = default;

private_key private_key::generate(Botan::RandomNumberGenerator& rng) {
  auto ed25519 = std::make_unique<Botan::Ed25519_PrivateKey>(rng);
  auto ml_dsa = std::make_unique<Botan::ML_DSA_PrivateKey>(rng, ml_dsa_mode);
  auto key = from_parts(std::move(ed25519), std::move(ml_dsa));
  assert(key && "fresh keys have the right form");
  return std::move(*key);
}

result<private_key>
private_key::from_parts(std::unique_ptr<Botan::Private_Key> ed25519,
                        std::unique_ptr<Botan::Private_Key> ml_dsa) {
  if (!ed25519 || ed25519->algo_name() != "Ed25519")
    return malformed_key("the first part is no Ed25519 key");
  const auto* lattice = dynamic_cast<Botan::ML_DSA_PrivateKey*>(ml_dsa.get());
  if (!lattice || lattice->algo_name() != "ML-DSA")
    return malformed_key("the second part is no ML-DSA key");
  auto bytes = ed25519->raw_public_key_bits();
  const auto tail = ml_dsa->raw_public_key_bits();
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  auto shared = public_key::parse(bytes);
  if (!shared)
    return shared.error();
  return private_key{std::move(ed25519), std::move(ml_dsa), std::move(*shared)};
}

const public_key& private_key::public_part() const noexcept {
  return public_part_;
}

peer_id private_key::id() const noexcept {
  return public_part_.id();
}

std::vector<uint8_t>
private_key::sign(std::string_view context, std::span<const uint8_t> message,
                  Botan::RandomNumberGenerator& rng) const {
  const auto head = preamble(id(), context, message.size());
  auto signature = std::vector<uint8_t>{};
  signature.reserve(signature_size);
  sign_part(*ed25519_, "Pure", head, message, rng, signature);
  sign_part(*ml_dsa_, "Randomized", head, message, rng, signature);
  assert(signature.size() == signature_size);
  return signature;
}

const Botan::Private_Key& private_key::ed25519() const noexcept {
  return *ed25519_;
}

const Botan::Private_Key& private_key::ml_dsa() const noexcept {
  return *ml_dsa_;
}

} // namespace starling::identity
