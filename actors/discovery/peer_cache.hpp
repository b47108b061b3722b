#pragma once

#include "actors/discovery/reach.hpp"
#include "messages/peer_id.hpp"
#include "runtime/config/endpoint.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace starling::discovery {

/// A wall clock's reading, handed in by the caller.
using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

/// An endpoint that may lead to a peer.
struct candidate {
  config::endpoint where;
  discovery::reach reach = discovery::reach::internet;
  /// Who found it, e.g. "bootstrap", "mdns", "gossip".
  std::string source;
  /// When it was last announced.
  time_point seen;
  /// When a session to it last stood.
  std::optional<time_point> succeeded;
  /// Attempts that failed since then.
  uint32_t failures = 0;
  /// Not to be tried before.
  time_point due;

  friend bool operator==(const candidate&, const candidate&) = default;
};

/// What a caller wants to be given.
struct criteria {
  reach farthest = reach::internet;
  /// Only endpoints that name this peer.
  std::optional<peer_id> peer{};
  size_t count_max = 16;
};

/// All endpoints that were heard of, by whatever way, and how they have turned
/// out.
///
/// One endpoint has one entry, however often it is announced; one that says
/// which peer has to answer there takes the place of one that does not. After a
/// failure an endpoint rests, twice as long each time, and not for exactly that
/// long: or else all nodes that have lost a peer would come back to it at the
/// same moment. When the cache is full the least promising entry makes room:
/// one that never worked before one that did.
///
/// Source of the rests: Brooker, "Exponential backoff and jitter", AWS
/// Architecture Blog, 2015 ("equal jitter").
class peer_cache {
public:
  struct options {
    size_t entries_max = 1'024;
    /// Endpoints that name the same peer.
    size_t per_peer_max = 8;
    /// Rest after the first failure, and the longest.
    std::chrono::milliseconds rest_first = std::chrono::seconds{1};
    std::chrono::milliseconds rest_max = std::chrono::minutes{10};
    /// What was neither announced nor reached for so long is forgotten.
    std::chrono::milliseconds lifetime = std::chrono::hours{24 * 7};
  };

  /// Longest name of a source, bytes.
  static constexpr size_t source_max = 32;

  peer_cache();

  explicit peer_cache(const options& opts);

  /// Takes an announcement; true if the endpoint is new. Errors:
  /// invalid_option (not an endpoint that can be dialled, or a source that is
  /// not a plain name), limit_reached (the cache holds nothing worse).
  result<bool> add(std::string_view endpoint, std::string_view source,
                   time_point now);

  /// A session to that endpoint stands, and that peer has answered.
  void succeeded(const config::endpoint& where, const peer_id& peer,
                 time_point now);

  /// An attempt has failed.
  void failed(const config::endpoint& where, time_point now,
              std::mt19937_64& random);

  /// Returns what may be tried now, the most promising first: the nearest,
  /// then the one with the fewest failures, then the latest success.
  [[nodiscard]] std::vector<candidate> due(const criteria& wanted,
                                           time_point now) const;

  /// Returns when something is due next, which may have been before; nothing
  /// if the cache is empty.
  [[nodiscard]] std::optional<time_point> next_due() const;

  /// Forgets what is too old; returns how many that were.
  size_t expire(time_point now);

  [[nodiscard]] std::optional<candidate>
  find(const config::endpoint& where) const;

  [[nodiscard]] size_t size() const noexcept {
    return entries_.size();
  }

  /// Returns the cache as lines of text, to be kept in a file.
  [[nodiscard]] std::string encode() const;

  /// Reads such a text. What failed before may be tried at once. Errors:
  /// malformed_input (which names the line), limit_reached.
  [[nodiscard]] static result<peer_cache> decode(std::string_view text,
                                                 const options& opts);

private:
  /// The endpoint without the peer, then the peer.
  using key = std::pair<std::string, std::optional<peer_id>>;

  static key key_of(const config::endpoint& x);

  result<bool> insert(candidate x);

  /// Returns the least promising entry of that peer, or of all.
  [[nodiscard]] const candidate*
  least_promising(const std::optional<peer_id>& peer) const;

  [[nodiscard]] size_t count_of(const peer_id& peer) const;

  options opts_;
  std::map<key, candidate> entries_;
};

} // namespace starling::discovery
