#pragma once

#include "messages/peer_id.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace starling::wire {

/// Longest signature taken from the wire, bytes. Ed25519 and ML-DSA-87
/// together need 4691.
inline constexpr size_t signature_max = 8192;

/// Signs as this node. The context keeps a signature for one purpose from
/// serving another.
using sign_fn = std::function<std::vector<uint8_t>(
  std::string_view context, std::span<const uint8_t> message)>;

/// Did that node sign these bytes in that context? Never throws; false if its
/// public key is not known.
using verify_fn = std::function<bool(
  const peer_id& signer, std::string_view context,
  std::span<const uint8_t> message, std::span<const uint8_t> signature)>;

} // namespace starling::wire
