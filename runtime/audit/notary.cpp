#include "runtime/audit/notary.hpp"

#include "runtime/identity/identity_key.hpp"

#include <string_view>

namespace starling::audit {

namespace {

constexpr std::string_view context = "starling.audit.anchor.v1";

} // namespace

notary notary_for(const identity::private_key& key,
                  Botan::RandomNumberGenerator& rng) {
  auto result = notary_for(key.public_part());
  result.sign = [&key, &rng](std::span<const uint8_t> message) {
    return key.sign(context, message, rng);
  };
  return result;
}

notary notary_for(const identity::public_key& key) {
  return {key.id(), nullptr,
          [key](std::span<const uint8_t> message,
                std::span<const uint8_t> signature) {
            return key.verify(context, message, signature);
          }};
}

} // namespace starling::audit
