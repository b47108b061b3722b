#include "runtime/session/key_schedule.hpp"

#include <botan/hash.h>
#include <botan/kdf.h>

#include <cassert>

namespace starling::session {

namespace {

constexpr std::string_view label_prefix = "starling1 ";

secret hkdf(std::string_view step, size_t size,
            std::span<const uint8_t> input_key, std::span<const uint8_t> salt,
            std::span<const uint8_t> info) {
  auto result = secret(size);
  Botan::KDF::create_or_throw(step)->derive_key(std::span{result}, input_key,
                                                salt, info);
  return result;
}

} // namespace

secret expand_label(const secret& from, std::string_view label,
                    std::span<const uint8_t> context, size_t size) {
  assert(label.size() <= 200 && context.size() <= 200);
  assert(size <= 255 * secret_size);
  auto info = std::vector<uint8_t>{};
  info.push_back(static_cast<uint8_t>(size >> 8));
  info.push_back(static_cast<uint8_t>(size));
  info.push_back(static_cast<uint8_t>(label_prefix.size() + label.size()));
  info.insert(info.end(), label_prefix.begin(), label_prefix.end());
  info.insert(info.end(), label.begin(), label.end());
  info.push_back(static_cast<uint8_t>(context.size()));
  info.insert(info.end(), context.begin(), context.end());
  return hkdf("HKDF-Expand(SHA-384)", size, from, {}, info);
}

record_key record_key_of(const secret& from) {
  return {expand_label(from, "key", {}, record_key_size),
          expand_label(from, "iv", {}, record_iv_size)};
}

secret ratcheted(const secret& from) {
  return expand_label(from, "ratchet", {}, secret_size);
}

secret mixed(const secret& from, const secret& fresh,
             std::span<const uint8_t> transcript_hash) {
  const auto extracted
    = hkdf("HKDF-Extract(SHA-384)", secret_size, fresh, from, {});
  return expand_label(extracted, "mix", transcript_hash, secret_size);
}

std::vector<uint8_t>
sha384(std::initializer_list<std::span<const uint8_t>> parts) {
  auto hash = Botan::HashFunction::create_or_throw("SHA-384");
  for (auto part : parts)
    hash->update(part);
  return hash->final_stdvec();
}

} // namespace starling::session
