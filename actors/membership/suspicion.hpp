#pragma once

#include "messages/peer_id.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace starling::membership {

/// How long a node stays suspect before it is taken for dead.
///
/// The time starts at `longest` and falls towards `shortest` with each other
/// node that confirms the suspicion:
///
///   longest - (longest - shortest) log(c + 1) / log(k + 1)
///
/// for c confirmations of k expected. Why not a fixed time: a node that is slow
/// itself suspects everyone, and nobody confirms it; what is really dead is
/// confirmed at once.
///
/// Source: Dadgar, Phillips, Currey, "Lifeguard: local health awareness for
/// more accurate failure detection", DSN-W 2018, section IV-B.
class suspicion {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    std::chrono::nanoseconds shortest = std::chrono::seconds{4};
    std::chrono::nanoseconds longest = std::chrono::seconds{24};
    /// Confirmations after which `shortest` holds.
    size_t confirmations_max = 3;
  };

  /// @pre `shortest` is not longer than `longest`.
  suspicion(const options& opts, const peer_id& accuser, clock::time_point now);

  /// Another node says the same. Who has said it already adds nothing. Returns
  /// true if the deadline has moved.
  bool confirm(const peer_id& accuser);

  /// Returns when the node is taken for dead.
  [[nodiscard]] clock::time_point deadline() const;

  [[nodiscard]] size_t confirmations() const noexcept {
    return accusers_.size() - 1;
  }

private:
  options opts_;
  clock::time_point since_;
  /// At most `confirmations_max` and the first one.
  std::vector<peer_id> accusers_;
};

} // namespace starling::membership
