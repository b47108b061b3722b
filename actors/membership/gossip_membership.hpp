#pragma once

#include "actors/membership/gossip.hpp"
#include "actors/membership/gossip_counters.hpp"
#include "actors/membership/key_ring.hpp"
#include "actors/membership/membership_table.hpp"
#include "actors/membership/neighbour_gauge.hpp"
#include "actors/membership/reachability.hpp"
#include "actors/membership/revocation_gossip.hpp"
#include "actors/membership/swim.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "runtime/clock/hybrid_clock.hpp"
#include "runtime/node_context.hpp"
#include "runtime/wire/signing.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace starling::membership {

/// What membership needs of its node. The functions are called in the actor's
/// thread, so those that share state with others must guard it.
struct gossip_membership_options {
  node_context* node = nullptr;
  /// Greater at each start; 0 stands for the wall clock in milliseconds.
  uint64_t incarnation = 0;
  /// CAF's name for this process; empty stands for that of the actor system.
  std::string caf_node;
  /// Where this node can be dialled now; asked once a gossip interval.
  std::function<std::vector<std::string>()> endpoints;
  /// Actor types of the catalog.
  std::vector<std::string> capabilities;
  /// This node's public identity key, its signature, and what shows that it was
  /// admitted; the last is asked once a gossip interval.
  std::vector<uint8_t> public_key;
  wire::sign_fn sign;
  std::function<std::vector<uint8_t>()> credential;
  /// Judges keys and credentials of others: allow-list or certificate.
  key_ring::admit_fn admit;
  std::function<bool(const peer_id&)> is_revoked;
  /// All revocations that this node knows, in the order in which it heard of
  /// them. Without it they don't travel.
  std::function<revocation_log()> revocations;
  /// Takes one that came by gossip: checks that the cluster signed it, keeps it
  /// and acts on it. Returns whether it is news. Errors: authentication_failed,
  /// malformed_input, limit_reached, wrong_state (no cluster is known yet).
  std::function<result<bool>(const identity::revocation&)> revoke;
  /// Share of checks that the records of one message have to pass, [0, 1].
  double validation_threshold = 0.8;
  /// Each time, one neighbour's table is compared with ours.
  caf::timespan gossip_interval = std::chrono::seconds{1};
  /// News wait that long for others to travel with.
  caf::timespan push_delay = std::chrono::milliseconds{5};
  /// Neighbours that are told of news at once.
  size_t fan_out = 3;
  /// Records in one such message.
  size_t push_max = 32;
  /// Our own record is written at most that often.
  caf::timespan publish_delay = std::chrono::milliseconds{20};
  /// How long to wait for neighbours' answers, and for their word when leaving.
  caf::timespan request_timeout = std::chrono::seconds{5};
  caf::timespan leave_timeout = std::chrono::seconds{2};
  size_t listeners_max = 256;
  /// Identities whose refusal is remembered, so that it is audited once.
  size_t refusals_max = 1'024;
  size_t keys_max = 1'024;
  /// Shared with the sessions of the node; null for none, see `key_ring`.
  std::shared_ptr<identity::key_shelf> shelf;
  membership_table::options table{};
  gossip::options exchange{};
  reachability::options judgement{};
  swim::options probes{};
};

/// What the actor takes in: its role, and news of sessions.
using gossip_membership_actor
  = membership_actor::extend_with<mesh_listener_actor>;

/// Knows who belongs to the cluster: gossips signed records with neighbours,
/// probes them, and judges all others by the links that nodes sign.
///
/// All its knowledge comes back after a restart: from the mesh, which names the
/// neighbours, and from them.
class gossip_membership_state {
public:
  static constexpr const char* name = "starling.membership.gossip";

  gossip_membership_state(gossip_membership_actor::pointer self,
                          gossip_membership_options opts);

  gossip_membership_actor::behavior_type make_behavior();

private:
  using timer_point = std::chrono::steady_clock::time_point;

  struct neighbour {
    membership_actor service;
    caf::node_id node;
    neighbour_gauge gauge;
    bool exchanging = false;
  };

  // -- messages ---------------------------------------------------------------

  void peer_is_up(const peer_up& msg);
  void peer_is_down(const peer_down& msg);
  caf::result<gossip_records> compare(const gossip_digest& msg);
  caf::result<void> take(const gossip_records& msg);
  void take(const member_probe& msg);
  std::vector<member_info> list() const;
  caf::result<member_info> find(const find_member& msg) const;
  caf::result<member_info> find(const find_member_by_node& msg) const;
  caf::result<void> leave();
  caf::result<void> subscribe(const membership_listener_actor& listener);
  void has_ended(const caf::down_msg& msg);

  // -- timers -----------------------------------------------------------------

  void tick();
  void find_mesh();
  void probe_neighbours();
  void schedule_probes();
  void schedule_publish();
  void schedule_push();

  // -- gossip -----------------------------------------------------------------

  void exchange_with(const peer_id& id);
  void fulfil(const membership_actor& to, const std::vector<peer_id>& wanted);
  /// Returns how many nodes were not known before.
  result<size_t> absorb(record_exchange& news, const peer_id* from);
  /// Takes out what is no use to us, and checks the rest. Errors: what was
  /// wrong first, when more is wrong than the threshold allows.
  result<void> sift(std::vector<signed_record>& records, const peer_id* from);
  /// Returns whether the record is worth merging; completes its key.
  result<bool> check(signed_record& x);
  /// @pre the record was checked.
  result<merge_outcome> merge(signed_record x);
  void heard_of_self(const signed_record& x);
  /// Whether the CAF node that a record names, if any, is its subject's.
  static bool has_own_name(const member_record& x);
  void refuse(const peer_id& id, const std::string& why);
  void push();

  // -- revocations (gossip_membership_revocations.cpp) ------------------------

  /// Acts on what a message says of revocations; answers what it asks for.
  /// Errors: authentication_failed, malformed_input.
  result<void> take_revocations(const record_exchange& news,
                                const peer_id* from);
  /// Tells all neighbours what is new.
  void push_revocations();
  void forget_revoked();
  [[nodiscard]] revocation_log revocations() const;

  // -- this node --------------------------------------------------------------

  void publish();
  bool needs_publishing() const;
  std::vector<neighbour_record> own_neighbours() const;

  // -- judgement --------------------------------------------------------------

  void act_on(swim::step step);
  void refresh(std::set<peer_id> touched);
  void tell_all(const member_info& member);
  member_info info_of(const signed_record& x) const;
  reachability::neighbour_map probed() const;

  // -- others -----------------------------------------------------------------

  /// The neighbour that sent the present message; null if it is none.
  const peer_id* sender() const;
  bool is_local() const;
  bool is_from_mesh() const;
  clock::physical_time wall_time() const;

  gossip_membership_actor::pointer self_;
  gossip_membership_options opts_;
  std::mt19937_64 random_;
  uint64_t incarnation_;
  clock::hybrid_clock clock_;
  gossip_counters counters_;
  key_ring keys_;
  membership_table table_;
  gossip gossip_;
  reachability judgement_;
  swim swim_;
  caf::actor_addr mesh_;
  std::map<peer_id, neighbour> neighbours_;
  std::vector<membership_listener_actor> listeners_;
  std::set<peer_id> refused_;
  /// To be told to others; true if the node was not known before.
  std::map<peer_id, bool> news_;
  std::optional<peer_id> news_from_;
  /// Revocations that all neighbours were told of.
  size_t revocations_told_ = 0;
  bool push_is_due_ = false;
  bool publish_is_due_ = false;
  bool has_left_ = false;
  clock::physical_time published_;
  /// When the failure detector is called next.
  std::optional<timer_point> probes_at_;
};

} // namespace starling::membership
