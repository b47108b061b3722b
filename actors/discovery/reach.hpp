#pragma once

#include "runtime/config/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace starling::discovery {

/// How far away an endpoint makes sense. The order is that of distance.
enum class reach : uint8_t {
  /// This machine.
  local = 0,
  /// The same network, or a radio in range.
  lan,
  /// Through other nodes.
  mesh,
  internet,
};

inline constexpr reach reach_last = reach::internet;

/// Returns "local", "lan", "mesh" or "internet".
[[nodiscard]] std::string_view name_of(reach x);

[[nodiscard]] std::optional<reach> parse_reach(std::string_view text);

/// Tells from the endpoint alone how far it reaches; nothing is looked up, so
/// a host name that says nothing counts as internet.
///
/// Source: RFC 1122 section 3.2.1.3 (loopback), RFC 1918 (private addresses),
/// RFC 3927 and RFC 4291 section 2.5.6 (link-local), RFC 4193 (unique local),
/// RFC 6598 (shared), RFC 6761 section 6.3 (localhost), RFC 6762 (.local).
[[nodiscard]] reach reach_of(const config::endpoint& x);

} // namespace starling::discovery
