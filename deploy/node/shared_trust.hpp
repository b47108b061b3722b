#pragma once

#include "actors/zone/peer_book.hpp"
#include "messages/peer_id.hpp"
#include "runtime/config/node_options.hpp"

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

namespace starling::deploy {

/// The node's book on its peers, for all its actors: those who see what a peer
/// does note it from their threads, and those who decide ask.
class shared_trust {
public:
  using clock = std::function<std::chrono::steady_clock::time_point()>;

  shared_trust(const config::trust_section& opts, clock now);

  void note(const peer_id& peer, conduct what);
  [[nodiscard]] standing of(const peer_id& peer) const;
  [[nodiscard]] std::vector<zone::peer_book::change> take_changes();
  [[nodiscard]] std::vector<peer_id> at_least(trust_zone zone) const;
  [[nodiscard]] std::vector<zone::peer_book::entry> all() const;
  /// Errors: wrong_state.
  result<void> release(const peer_id& peer);

private:
  clock now_;
  mutable std::mutex mutex_;
  zone::peer_book book_;
};

} // namespace starling::deploy
