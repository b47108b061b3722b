#include "deploy/node/shared_trust.hpp"

#include <cassert>
#include <utility>

namespace starling::deploy {

namespace {

zone::peer_book make_book(const config::trust_section& section) {
  auto opts = zone::peer_book::options{};
  opts.worth.decay_per_hour = section.reputation_decay;
  opts.trust_threshold = section.trust_threshold;
  opts.zones = zone::peer_book::zones_for(section.quarantine_duration);
  auto made = zone::peer_book::make(opts);
  // The node file's bounds leave nothing that could be wrong.
  assert(made);
  return std::move(*made);
}

} // namespace

shared_trust::shared_trust(const config::trust_section& opts, clock now)
  : now_{std::move(now)},
    book_{make_book(opts)} {
  // nop
}

void shared_trust::note(const peer_id& peer, conduct what) {
  auto guard = std::lock_guard{mutex_};
  book_.note(peer, what, now_());
}

standing shared_trust::of(const peer_id& peer) const {
  auto guard = std::lock_guard{mutex_};
  return book_.of(peer, now_());
}

std::vector<zone::peer_book::change> shared_trust::take_changes() {
  auto guard = std::lock_guard{mutex_};
  return book_.tick(now_());
}

std::vector<peer_id> shared_trust::at_least(trust_zone zone) const {
  auto guard = std::lock_guard{mutex_};
  return book_.at_least(zone);
}

std::vector<zone::peer_book::entry> shared_trust::all() const {
  auto guard = std::lock_guard{mutex_};
  return book_.all(now_());
}

result<void> shared_trust::release(const peer_id& peer) {
  auto guard = std::lock_guard{mutex_};
  return book_.release(peer, now_());
}

} // namespace starling::deploy
