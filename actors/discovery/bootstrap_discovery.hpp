#pragma once

#include "actors/discovery/peer_cache.hpp"
#include "messages/discovery.hpp"
#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "runtime/node_context.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace starling::discovery {

struct bootstrap_discovery_options {
  node_context* node = nullptr;
  /// Endpoints to begin with; a session to each of them is always wanted.
  std::vector<config::endpoint> bootstrap;
  /// Only those above, or all members that gossip names.
  bool bootstrap_only = false;
  /// Sessions after which no more members are dialled.
  size_t peers_max = 50;
  /// Attempts under way at a time.
  size_t dials_max = 8;
  /// All that is wanted is looked through at least that often.
  caf::timespan interval = std::chrono::minutes{5};
  /// Two nodes that hear of each other would dial at the same moment: the one
  /// with the greater id waits that long for the other.
  caf::timespan courtesy = std::chrono::seconds{1};
  caf::timespan dial_timeout = std::chrono::seconds{60};
  /// Where endpoints outlive a restart; empty keeps them in memory.
  std::filesystem::path cache_file;
  /// Says whether the file may have so many bytes; empty: always. Errors:
  /// limit_reached.
  std::function<result<void>(uint64_t bytes)> claim_storage;
  /// The file is written at most that often.
  caf::timespan save_interval = std::chrono::seconds{30};
  peer_cache::options cache{};
};

/// What the actor takes in: its role, and news of sessions and members.
using bootstrap_discovery_actor = discovery_actor::extend_with<
  mesh_listener_actor>::extend_with<membership_listener_actor>;

/// Sees to it that sessions stand: to the endpoints that the operator names,
/// and to the members that gossip names, as many as there may be.
///
/// What failed is tried again later, each time twice as late (see
/// `peer_cache`); what was lost is tried at once, and only then later. Members
/// without an endpoint of their own are not dialled: a session through others
/// is opened by the mesh when someone needs it.
class bootstrap_discovery_state {
public:
  static constexpr const char* name = "starling.discovery.bootstrap";

  bootstrap_discovery_state(bootstrap_discovery_actor::pointer self,
                            bootstrap_discovery_options opts);

  bootstrap_discovery_actor::behavior_type make_behavior();

private:
  // -- messages ---------------------------------------------------------------

  caf::result<void> announce(const announce_endpoint& msg);
  std::vector<known_endpoint> list() const;
  void peer_is_up(const peer_up& msg);
  void peer_is_down(const peer_down& msg);
  void member_has_changed(const member_change& msg);
  void has_ended(const caf::down_msg& msg);

  // -- internals --------------------------------------------------------------

  void load();
  void save();
  void save_later();
  void add(const config::endpoint& where, const char* source);
  void find_services();
  /// Dials what is due, and sets a timer for what comes next.
  void plan();
  void plan_at(time_point when);
  void dial(const candidate& target);
  std::vector<candidate> wanted() const;
  std::optional<peer_id> owner_of(const config::endpoint& where) const;
  bool is_connected(const config::endpoint& where) const;
  time_point wall_time() const;

  bootstrap_discovery_actor::pointer self_;
  bootstrap_discovery_options opts_;
  std::mt19937_64 random_;
  peer_cache cache_;
  /// Text of the endpoint without the peer, of those named by the operator;
  /// who answered there last.
  std::map<std::string, std::optional<peer_id>> bootstrap_;
  /// Members that can be dialled: not before that time, out of courtesy.
  std::map<peer_id, time_point> members_;
  std::set<peer_id> connected_;
  /// Endpoints being dialled.
  std::set<std::string> dialling_;
  caf::actor_addr mesh_;
  caf::actor_addr membership_;
  /// When `plan` is called next.
  std::optional<time_point> planned_;
  bool save_is_due_ = false;
};

} // namespace starling::discovery
