#pragma once

#include "actors/membership/rumour_queue.hpp"
#include "actors/membership/suspicion.hpp"
#include "actors/membership/swim_message.hpp"
#include "messages/peer_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace starling::membership {

/// Finds out which members have failed, at a cost for each node that does not
/// grow with their number.
///
/// Once a period one member is pinged, all in turn, in an order that is
/// shuffled anew each time round. Who does not answer in time is pinged through
/// a few others; who then has not answered at the end of the period becomes
/// suspect, and after a while dead. The news ride on pings and acks. A node
/// that hears that it is suspect denies it with a higher incarnation.
///
/// Why not let everyone send heartbeats to everyone: n^2 messages a period, and
/// still no word about a node that only one link has lost.
///
/// Where this differs from the paper, because a member may lie:
/// - Hearsay never kills. It makes a member suspect, gets it pinged out of
///   turn, and shortens the wait; but dead is only who has left a probe of this
///   node's own unanswered. So nobody can make others forget a node that
///   answers. The price: a suspect is pinged once by everyone. What is still
///   believed is a helper that says a dead node has answered.
/// - Whoever sends a message is alive: its session has proved who it is.
/// - Hearsay never raises an incarnation. That comes from the node itself: from
///   its signed record (`add`), or from its own mouth.
///
/// Source: Das, Gupta, Motivala, "SWIM: scalable weakly-consistent
/// infection-style process group membership protocol", DSN 2002, sections 3-4.
class swim {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    /// One member is probed in each.
    std::chrono::nanoseconds period = std::chrono::seconds{1};
    /// After that long without an answer others are asked to ping; shorter
    /// than `period`.
    std::chrono::nanoseconds ack_timeout = std::chrono::milliseconds{300};
    /// How many others are asked.
    size_t indirect_probes = 3;
    /// Members probed in one period: one in turn, the rest those that others
    /// suspect.
    size_t probes_max = 8;
    /// Shortest wait before a suspect is dead, in periods, times
    /// max(1, log10(members)).
    double suspicion_periods = 4.0;
    /// Longest wait, in shortest ones.
    double suspicion_factor = 6.0;
    /// Independent confirmations after which the shortest wait holds.
    size_t confirmations_max = 3;
    /// Rumours in one message; at most `rumours_max`.
    size_t rumours_per_message = 8;
    /// Each rumour is told that often, times log2(members + 1), rounded up.
    size_t tell_factor = 3;
    /// Every so many periods a dead member is pinged as well, so that two
    /// halves of a cluster find each other again; 0 never.
    uint64_t dead_probe_periods = 10;
    /// Members known; more are not watched.
    size_t members_max = 10'000;
    /// Requests of others under way; more are dropped.
    size_t requests_max = 256;
  };

  struct outgoing {
    peer_id to;
    swim_message message;
  };

  struct change {
    peer_id id;
    liveness state = liveness::alive;
    uint64_t incarnation = 0;

    friend bool operator==(const change&, const change&) = default;
  };

  /// What the caller has to do.
  struct step {
    std::vector<outgoing> messages;
    std::vector<change> changes;
    /// Sign a new record of this node with that incarnation.
    std::optional<uint64_t> own_incarnation;
  };

  /// The first probe is due at `now`.
  /// @pre the options are within their ranges.
  swim(const peer_id& self, uint64_t incarnation, const options& opts,
       std::mt19937_64 random, clock::time_point now);

  /// Takes note of a member's signed record: watches it from now on, or takes
  /// in that its incarnation has grown, which proves it alive. Returns what has
  /// changed.
  step add(const peer_id& id, uint64_t incarnation);

  /// Stops watching a member: it has left, expired or was revoked.
  void remove(const peer_id& id);

  /// Does what is due. Call it at `next_deadline`, or more often.
  [[nodiscard]] step tick(clock::time_point now);

  /// Takes a message that `from` has sent; its session proves who it is.
  [[nodiscard]] step receive(const peer_id& from, const swim_message& message,
                             clock::time_point now);

  [[nodiscard]] clock::time_point next_deadline() const;

  /// Returns nothing for nodes that are not watched.
  [[nodiscard]] std::optional<liveness> state_of(const peer_id& id) const;

  [[nodiscard]] uint64_t incarnation() const noexcept {
    return incarnation_;
  }

  [[nodiscard]] size_t size() const noexcept {
    return members_.size();
  }

private:
  struct member {
    uint64_t incarnation = 0;
    liveness state = liveness::alive;
    std::optional<suspicion> doubt;
    /// It left a probe unanswered since the doubt began.
    bool silent = false;
  };

  /// A member that is probed in this period.
  struct probe {
    peer_id target;
    bool answered = false;
    std::vector<peer_id> helpers;
  };

  /// A ping on behalf of another node.
  struct request {
    peer_id asker;
    peer_id target;
    uint64_t sequence = 0;
    clock::time_point until;
  };

  void send(step& out, const peer_id& to, swim_message message);

  void send_ping(step& out, const peer_id& to, uint64_t sequence);

  void start_probes(step& out, clock::time_point now);

  void start_probe(step& out, const peer_id& target);

  /// Returns true if any probe is without an answer.
  bool ask_others(step& out);

  void end_probes(step& out, clock::time_point now);

  void probe_dead(step& out);

  void bury(step& out, clock::time_point now);

  /// Is it watched and not dead?
  [[nodiscard]] bool may_answer(const peer_id& id) const;

  /// Returns the next member in turn that may be alive.
  std::optional<peer_id> next_in_turn();

  void heard_from(step& out, const peer_id& id);

  void on_ack(step& out, const peer_id& from, uint64_t sequence);

  void on_request(step& out, const peer_id& from, const swim_message& message,
                  clock::time_point now);

  void on_rumour(step& out, const peer_id& from, const rumour& x,
                 clock::time_point now);

  void deny(step& out, const rumour& x, clock::time_point now);

  /// Gets a member probed out of turn.
  void hurry(const peer_id& id);

  void suspect(step& out, const peer_id& id, const peer_id& accuser,
               clock::time_point now);

  void set_state(step& out, const peer_id& id, member& x, liveness state);

  [[nodiscard]] suspicion::options waits() const;

  [[nodiscard]] size_t tell_max() const;

  /// Uniform in [0, bound).
  size_t draw(size_t bound);

  peer_id self_;
  uint64_t incarnation_;
  options opts_;
  std::mt19937_64 random_;
  std::map<peer_id, member> members_;
  rumour_queue rumours_;
  /// The turn; members before `position_` have had theirs.
  std::vector<peer_id> order_;
  size_t position_ = 0;
  /// To be probed out of turn.
  std::deque<peer_id> urgent_;
  /// By sequence number.
  std::map<uint64_t, probe> probes_;
  /// When others are asked about those that have not answered; nothing if they
  /// have been.
  std::optional<clock::time_point> indirect_at_;
  std::map<uint64_t, request> requests_;
  uint64_t sequence_ = 0;
  uint64_t periods_ = 0;
  clock::time_point period_end_;
  /// One denial a period: else a liar could keep this node signing.
  clock::time_point denial_at_;
};

} // namespace starling::membership
