#pragma once

#include "runtime/audit/notary.hpp"

#include <botan/hash.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace starling::audit {

/// A notary that signs in microseconds: SHA-256 of a secret and the message.
/// Good for tests of what is signed, not of how.
inline notary toy_notary(char name) {
  const auto sign = [name](std::span<const uint8_t> message) {
    const auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    hash->update(std::string(32, name));
    hash->update(message);
    return hash->final_stdvec();
  };
  auto id = peer_id{};
  id.bytes.fill(static_cast<uint8_t>(name));
  return {id, sign,
          [sign](std::span<const uint8_t> message,
                 std::span<const uint8_t> signature) {
            return std::ranges::equal(sign(message), signature);
          }};
}

} // namespace starling::audit
