#include "runtime/identity/identity_key.hpp"

#include "runtime/identity/canonical_bytes.hpp"

#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/ml_dsa.h>
#include <botan/pubkey.h>
#include <botan/rng.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <mutex>
#include <set>
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

bool verify_part(Botan::PK_Verifier& verifier, std::span<const uint8_t> head,
                 std::span<const uint8_t> message,
                 std::span<const uint8_t> signature) {
  verifier.update(head);
  verifier.update(message);
  return verifier.check_signature(signature);
}

void sign_part(Botan::PK_Signer& signer, std::span<const uint8_t> head,
               std::span<const uint8_t> message,
               Botan::RandomNumberGenerator& rng, std::vector<uint8_t>& out) {
  signer.update(head);
  signer.update(message);
  const auto signature = signer.signature(rng);
  out.insert(out.end(), signature.begin(), signature.end());
}

failure malformed_key(std::string_view reason) {
  return {ec::malformed_input, fmt::format("not an identity key: {}", reason)};
}

} // namespace

peer_id node_id_of(std::span<const uint8_t> key_bytes) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update(key_bytes);
  auto id = peer_id{};
  hash->final(id.bytes);
  return id;
}

struct public_key::parts {
  std::vector<uint8_t> bytes;
  peer_id id;
  Botan::Ed25519_PublicKey ed25519;
  Botan::ML_DSA_PublicKey ml_dsa;

  explicit parts(std::span<const uint8_t> input)
    : bytes{input.begin(), input.end()},
      id{node_id_of(input)},
      ed25519{input.first(ed25519_key_size)},
      ml_dsa{input.subspan(ed25519_key_size), ml_dsa_mode} {
    // nop
  }

  [[nodiscard]] bool verify_ed25519(std::span<const uint8_t> head,
                                    std::span<const uint8_t> message,
                                    std::span<const uint8_t> signature) const {
    auto verifier = Botan::PK_Verifier{ed25519, "Pure"};
    return verify_part(verifier, head, message, signature);
  }

  [[nodiscard]] bool verify_ml_dsa(std::span<const uint8_t> head,
                                   std::span<const uint8_t> message,
                                   std::span<const uint8_t> signature) const {
    auto verifier = Botan::PK_Verifier{ml_dsa, ""};
    return verify_part(verifier, head, message, signature);
  }
};

/// What a verification computes of the key alone, kept for the next one, and
/// which signatures held.
struct public_key::ready_part {
  using digest = std::array<uint8_t, 32>;

  ready_part(std::shared_ptr<const parts> content, size_t holding_max)
    : key{std::move(content)},
      generation_max{holding_max / 2} {
    // nop
  }

  bool verify_ml_dsa(std::span<const uint8_t> head,
                     std::span<const uint8_t> message,
                     std::span<const uint8_t> signature) {
    // While another thread is at it, this one does the work anew.
    const auto guard = std::unique_lock{mutex, std::try_to_lock};
    // Taken out, so that one that throws half way is not used again: it could
    // still hold a part of this message.
    auto taken = guard ? std::exchange(verifier, nullptr) : nullptr;
    if (!taken)
      taken = std::make_unique<Botan::PK_Verifier>(key->ml_dsa, "");
    const auto is_sound = verify_part(*taken, head, message, signature);
    if (guard)
      verifier = std::move(taken);
    return is_sound;
  }

  /// Covers all that a verdict depends on but the key: `head` says how long the
  /// message is, and the length of a signature is fixed.
  static digest digest_of(std::span<const uint8_t> head,
                          std::span<const uint8_t> message,
                          std::span<const uint8_t> signature) {
    auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    hash->update(head);
    hash->update(message);
    hash->update(signature);
    auto result = digest{};
    hash->final(result);
    return result;
  }

  bool is_known(const digest& x) {
    const auto guard = std::lock_guard{mutex};
    return young.contains(x) || old.contains(x);
  }

  void remember(const digest& x) {
    const auto guard = std::lock_guard{mutex};
    if (young.size() >= generation_max)
      old = std::exchange(young, {});
    young.insert(x);
  }

  std::shared_ptr<const parts> key;
  std::mutex mutex;
  /// Made by the first verification. The key outlives it.
  std::unique_ptr<Botan::PK_Verifier> verifier;
  /// When the younger generation is full, the older one is forgotten.
  size_t generation_max;
  std::set<digest> young;
  std::set<digest> old;
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
    if (!ready_ || ready_->generation_max == 0)
      return verify_both(head, message, signature);
    const auto name = ready_part::digest_of(head, message, signature);
    if (ready_->is_known(name))
      return true;
    if (!verify_both(head, message, signature))
      return false;
    // Only what held is remembered. Who finds another signature or message of
    // the same name has broken SHA-256, on which the node's id rests anyway.
    ready_->remember(name);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

bool public_key::verify_both(std::span<const uint8_t> head,
                             std::span<const uint8_t> message,
                             std::span<const uint8_t> signature) const {
  const auto lattice = signature.subspan(ed25519_signature_size);
  // The cheap part goes first; both have to hold.
  return content_->verify_ed25519(head, message,
                                  signature.first(ed25519_signature_size))
         && (ready_ ? ready_->verify_ml_dsa(head, message, lattice)
                    : content_->verify_ml_dsa(head, message, lattice));
}

public_key public_key::made_ready(size_t holding_max) const {
  auto result = *this;
  result.ready_ = std::make_shared<ready_part>(content_, holding_max);
  return result;
}

public_key public_key::bare() const {
  return public_key{content_};
}

/// The signer of the lattice part, kept for the next signature: see
/// `public_key::ready_part`.
struct private_key::ready_part {
  void sign(const Botan::Private_Key& key, std::span<const uint8_t> head,
            std::span<const uint8_t> message, Botan::RandomNumberGenerator& rng,
            std::vector<uint8_t>& out) {
    const auto guard = std::unique_lock{mutex, std::try_to_lock};
    auto taken = guard ? std::exchange(signer, nullptr) : nullptr;
    if (!taken)
      taken = std::make_unique<Botan::PK_Signer>(key, rng, "Randomized");
    sign_part(*taken, head, message, rng, out);
    if (guard)
      signer = std::move(taken);
  }

  std::mutex mutex;
  std::unique_ptr<Botan::PK_Signer> signer;
};

private_key::private_key(std::unique_ptr<Botan::Private_Key> ed25519,
                         std::unique_ptr<Botan::Private_Key> ml_dsa,
                         public_key shared)
  : ed25519_{std::move(ed25519)},
    ml_dsa_{std::move(ml_dsa)},
    public_part_{std::move(shared)},
    ready_{std::make_unique<ready_part>()} {
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
  auto first = Botan::PK_Signer{*ed25519_, rng, "Pure"};
  sign_part(first, head, message, rng, signature);
  ready_->sign(*ml_dsa_, head, message, rng, signature);
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
