#include "actors/zone/peer_book.hpp"

#include <algorithm>
#include <utility>

namespace starling::zone {

zone_policy::options
peer_book::zones_for(std::chrono::nanoseconds quarantine_duration) {
  auto opts = zone_policy::options{};
  const auto scale
    = [&](std::chrono::nanoseconds usual) -> std::chrono::nanoseconds {
    const auto share = std::chrono::duration<double>{usual}
                       / std::chrono::duration<double>{std::chrono::hours{1}};
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
      share * std::chrono::duration<double>{quarantine_duration});
  };
  opts.monitor_stay = scale(opts.monitor_stay);
  opts.probation = scale(opts.probation);
  // Zero would mean for ever, and no strike is forgiven before it is made.
  opts.isolation_duration
    = std::max(scale(opts.isolation_duration),
               std::chrono::nanoseconds{std::chrono::seconds{1}});
  opts.strike_lifetime
    = std::max(scale(opts.strike_lifetime),
               std::chrono::nanoseconds{std::chrono::hours{1}});
  opts.quarantine_duration = quarantine_duration;
  return opts;
}

result<peer_book> peer_book::make(const options& opts) {
  auto fresh = zone_policy::make(opts.zones);
  if (!fresh)
    return fresh.error();
  if (opts.peers_max == 0)
    return failure{ec::invalid_option,
                   "peer book: peers_max must be 1 or more"};
  return peer_book{opts, std::move(*fresh)};
}

peer_book::peer_book(const options& opts, zone_policy fresh)
  : opts_{opts},
    fresh_{std::move(fresh)} {
  // nop
}

void peer_book::note(const peer_id& peer, conduct what, clock::time_point now) {
  auto* found = find_or_add(peer, now);
  if (!found)
    return;
  found->worth.note(what, now);
  found->seen = now;
  ++found->done[static_cast<size_t>(what)];
  if (!reputation::is_bad(what))
    return;
  found->is_restless = true;
  const auto level = std::clamp(1.0 - 2.0 * found->worth.value(now), 0.0, 1.0);
  keep(peer, *found, found->zone.observe(level, now), now);
}

std::vector<peer_book::change> peer_book::tick(clock::time_point now) {
  for (auto& [peer, each] : records_)
    if (!std::exchange(each.is_restless, false))
      keep(peer, each, each.zone.observe(0.0, now), now);
  return std::exchange(changes_, {});
}

result<void> peer_book::release(const peer_id& peer, clock::time_point now) {
  auto found = records_.find(peer);
  if (found == records_.end() || !is_cut_off(found->second.zone.current()))
    return failure{ec::wrong_state,
                   "node " + short_name(peer)
                     + " is neither in quarantine nor isolated"};
  keep(peer, found->second, found->second.zone.release(now), now);
  return {};
}

standing peer_book::of(const peer_id& peer, clock::time_point now) const {
  auto result = standing{};
  if (auto found = records_.find(peer); found != records_.end()) {
    result.zone = found->second.zone.current();
    result.reputation = found->second.worth.value(now);
  } else {
    result.reputation = reputation::neutral;
  }
  result.proven = result.reputation >= opts_.trust_threshold;
  return result;
}

std::vector<peer_id> peer_book::at_least(trust_zone zone) const {
  auto result = std::vector<peer_id>{};
  for (const auto& [peer, each] : records_)
    if (each.zone.current() >= zone)
      result.push_back(peer);
  return result;
}

std::vector<peer_book::entry> peer_book::all(clock::time_point now) const {
  auto result = std::vector<entry>{};
  for (const auto& [peer, each] : records_)
    result.push_back({peer, of(peer, now), each.done, each.zone.strikes(),
                      now - each.zone_since});
  return result;
}

/// Returns nothing if the book is full of peers that must not be forgotten.
peer_book::record* peer_book::find_or_add(const peer_id& peer,
                                          clock::time_point now) {
  if (auto found = records_.find(peer); found != records_.end())
    return &found->second;
  if (records_.size() >= opts_.peers_max) {
    auto oldest = records_.end();
    for (auto at = records_.begin(); at != records_.end(); ++at)
      if (at->second.zone.current() == trust_zone::trusted
          && (oldest == records_.end()
              || at->second.seen < oldest->second.seen))
        oldest = at;
    if (oldest == records_.end())
      return nullptr;
    records_.erase(oldest);
  }
  return &records_
            .emplace(peer, record{.worth = reputation{opts_.worth, now},
                                  .zone = fresh_,
                                  .seen = now,
                                  .is_restless = false,
                                  .done = {},
                                  .zone_since = now})
            .first->second;
}

void peer_book::keep(const peer_id& peer, record& of,
                     std::optional<zone_change> what, clock::time_point now) {
  if (!what)
    return;
  if (is_cut_off(what->from) && what->to < what->from)
    of.worth.lift(opts_.second_chance, now);
  of.zone_since = now;
  changes_.push_back({peer, std::move(*what), of.worth.value(now)});
}

} // namespace starling::zone
