#pragma once

#include "actors/zone/reputation.hpp"
#include "actors/zone/zone_policy.hpp"
#include "messages/peer_id.hpp"
#include "runtime/result.hpp"
#include "runtime/trust/conduct.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace starling::zone {

/// The peers that one node judges: what each is worth, and its zone.
///
/// A bad deed is held against the peer as a level that follows from its
/// reputation then: 1 - 2 r, none from 0.5 on. So a peer of standing survives a
/// lapse, and one that misbehaves without end ends in quarantine. Time without
/// bad deeds is calm: that way leads back, step by step, as `zone_policy` says.
/// Who comes out of a quarantine gets `second_chance` to begin with, or the
/// first lost probe would put it back.
///
/// All of this is this node's own opinion. Nobody votes: a vote is what a
/// group of liars wins.
class peer_book {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    reputation::options worth{};
    zone_policy::options zones{};
    /// Reputation from which on a peer counts as proven, [0, 1].
    double trust_threshold = 0.7;
    /// Least reputation of a peer that comes out of a quarantine.
    double second_chance = 0.25;
    /// Peers that are remembered. When full, the one with nothing held against
    /// it that was seen least lately is forgotten.
    size_t peers_max = 10'000;
  };

  struct change {
    peer_id peer;
    zone_change what;
    double reputation = 0.0;
  };

  /// How often a peer was seen to do each thing, by `conduct`.
  using deeds = std::array<uint64_t, conduct_count>;

  struct entry {
    peer_id peer;
    standing now;
    deeds seen{};
    uint32_t strikes = 0;
    /// How long it has been in its zone.
    std::chrono::nanoseconds in_zone{0};
  };

  /// Returns the zones' durations for a node whose quarantine lasts so long, in
  /// the proportions of `zone_policy::options`.
  static zone_policy::options
  zones_for(std::chrono::nanoseconds quarantine_duration);

  /// Errors: invalid_option.
  [[nodiscard]] static result<peer_book> make(const options& opts);

  /// @pre `now` is not before the last call.
  void note(const peer_id& peer, conduct what, clock::time_point now);

  /// Lets time do its work, and returns all changes since the last call. To be
  /// called again and again.
  [[nodiscard]] std::vector<change> tick(clock::time_point now);

  /// An operator's verdict: lets a peer out of quarantine or isolation. Errors:
  /// wrong_state (it is in neither).
  result<void> release(const peer_id& peer, clock::time_point now);

  [[nodiscard]] standing of(const peer_id& peer, clock::time_point now) const;

  /// Returns the peers in that zone or a worse one, by id.
  [[nodiscard]] std::vector<peer_id> at_least(trust_zone zone) const;

  /// Returns all peers that are remembered, by id.
  [[nodiscard]] std::vector<entry> all(clock::time_point now) const;

private:
  struct record {
    reputation worth;
    zone_policy zone;
    clock::time_point seen;
    /// Something bad since the last tick.
    bool is_restless = false;
    deeds done{};
    clock::time_point zone_since;
  };

  peer_book(const options& opts, zone_policy fresh);

  record* find_or_add(const peer_id& peer, clock::time_point now);
  void keep(const peer_id& peer, record& of, std::optional<zone_change> what,
            clock::time_point now);

  options opts_;
  zone_policy fresh_;
  std::map<peer_id, record> records_;
  std::vector<change> changes_;
};

} // namespace starling::zone
