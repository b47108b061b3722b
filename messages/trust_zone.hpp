#pragma once

#include <cstdint>
#include <string_view>

namespace starling {

/// How far an agent is trusted. Numbers travel between nodes: never renumber.
enum class trust_zone : uint8_t {
  /// Nothing is held against it.
  trusted = 0,
  /// Watched more closely; routes, links and spawning still open.
  monitored = 1,
  /// Cut off from its peers for a while.
  quarantined = 2,
  /// Cut off until an operator releases it or a long time has passed.
  isolated = 3,
};

inline constexpr trust_zone trust_zone_last = trust_zone::isolated;

/// Returns "TRUSTED", "MONITORED", "QUARANTINED" or "ISOLATED".
[[nodiscard]] std::string_view name_of(trust_zone zone);

/// Whether agents in that zone are cut off from their peers.
[[nodiscard]] constexpr bool is_cut_off(trust_zone zone) {
  return zone >= trust_zone::quarantined;
}

} // namespace starling
