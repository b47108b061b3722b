#include "runtime/identity/seeded_rng.hpp"

#include <botan/hash.h>
#include <botan/stream_cipher.h>

#include <array>

namespace starling::identity {

seeded_rng::seeded_rng(uint64_t seed)
  : seed_{seed},
    stream_{Botan::StreamCipher::create_or_throw("ChaCha20")} {
  clear();
}

seeded_rng::~seeded_rng() = default;

std::string seeded_rng::name() const {
  return "starling::identity::seeded_rng";
}

bool seeded_rng::accepts_input() const {
  return false;
}

bool seeded_rng::is_seeded() const {
  return true;
}

void seeded_rng::clear() {
  auto hash = Botan::HashFunction::create_or_throw("SHA-256");
  hash->update_be(seed_);
  stream_->set_key(hash->final());
  const auto nonce = std::array<uint8_t, 12>{};
  stream_->set_iv(nonce);
}

void seeded_rng::fill_bytes_with_input(std::span<uint8_t> output,
                                       std::span<const uint8_t>) {
  if (!output.empty())
    stream_->write_keystream(output);
}

} // namespace starling::identity
