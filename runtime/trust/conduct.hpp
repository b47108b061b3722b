#pragma once

#include "messages/trust_zone.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace starling {

/// What this node saw a peer do.
enum class conduct : uint8_t {
  /// Answered a request or a probe.
  answered,
  /// Sent news that passed all checks.
  sound_news,
  /// Did not answer in time.
  unanswered,
  /// Sent a contribution of which too much failed its checks.
  refused_news,
  /// Sent something forged: a signature that does not fit.
  forged,
  /// Broke a protocol: bytes that no honest node sends.
  violation,
  /// An agent that it brought here was put into quarantine.
  agent_cut_off,
};

inline constexpr size_t conduct_count
  = static_cast<size_t>(conduct::agent_cut_off) + 1;

/// Returns what was seen, for people: "answered", "forged".
[[nodiscard]] constexpr std::string_view name_of(conduct what) {
  constexpr std::string_view names[]
    = {"answered", "sound news", "unanswered",   "refused news",
       "forged",   "violation",  "agent cut off"};
  return names[static_cast<size_t>(what)];
}

/// How far a peer is trusted by this node, and by no other.
struct standing {
  trust_zone zone = trust_zone::trusted;
  /// From 0 to 1; strangers have 0.5.
  double reputation = 0.5;
  /// Its reputation has reached trust_threshold.
  bool proven = true;
};

} // namespace starling
