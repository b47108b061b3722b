#pragma once

#include "messages/peer_id.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace Botan {
class RandomNumberGenerator;
}

namespace starling::identity {
class private_key;
class public_key;
} // namespace starling::identity

namespace starling::audit {

/// Who vouches for a log. Keeps the chain apart from how keys work.
struct notary {
  peer_id id;
  /// Empty if this one can only verify.
  std::function<std::vector<uint8_t>(std::span<const uint8_t> message)> sign;
  std::function<bool(std::span<const uint8_t> message,
                     std::span<const uint8_t> signature)>
    verify;
};

/// Signs and verifies with a node's composite identity, under the context
/// "starling.audit.anchor.v1". Both arguments have to outlive the notary; what
/// `rng` throws, `sign` throws.
[[nodiscard]] notary notary_for(const identity::private_key& key,
                                Botan::RandomNumberGenerator& rng);

/// Verifies only.
[[nodiscard]] notary notary_for(const identity::public_key& key);

} // namespace starling::audit
