#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace starling::experiment {

/// Names of the zones, from the best to the worst.
inline constexpr auto zone_names = std::array<std::string_view, 4>{
  "TRUSTED", "MONITORED", "QUARANTINED", "ISOLATED"};

/// Returns the place of a name in `zone_names`: greater is worse.
[[nodiscard]] constexpr std::optional<size_t> zone_rank(std::string_view name) {
  for (auto rank = size_t{0}; rank < zone_names.size(); ++rank)
    if (zone_names[rank] == name)
      return rank;
  return std::nullopt;
}

/// Rank from which an entity is cut off from its peers.
inline constexpr size_t cut_off_rank = 2;

} // namespace starling::experiment
