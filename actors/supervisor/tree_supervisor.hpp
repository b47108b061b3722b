#pragma once

#include "messages/supervisor.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"
#include "runtime/supervision/restart_policy.hpp"

#include <caf/disposable.hpp>
#include <caf/expected.hpp>
#include <caf/response_promise.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace starling::supervisor {

struct tree_supervisor_options {
  supervision::policy_options policy;
  /// How children are restarted that do not say so themselves.
  supervision::restart restart_kind = supervision::restart::permanent;
  /// How long a child may take to end; then it is killed, and after as long
  /// again no longer waited for.
  std::chrono::nanoseconds stop_timeout = std::chrono::seconds{5};
  size_t children_max = 1'000;
  size_t listeners_max = 1'000;
  /// Started with the supervisor, in this order.
  std::vector<start_child> children;
};

/// Reads the options listed at `add_tree_supervisor`. Strategy, intensity and
/// period default to what the node file says. Errors: invalid_option.
caf::expected<tree_supervisor_options>
read_tree_supervisor_options(const caf::settings& input,
                             const node_context& node);

/// Reads "permanent", "transient" or "temporary". Errors: invalid_option.
caf::expected<supervision::restart> restart_kind_from(const std::string& text);

/// State of an actor that spawns children from the catalog, watches them and
/// restarts them as a `restart_policy` says. A child has failed when it ends
/// with an error: an exception in one of its handlers, `quit` with a reason, a
/// kill. A child that can't be spawned again counts as having failed again.
///
/// Restarting goes step by step: children are stopped one after the other, the
/// last started first; new ones are started only when all the old ones have
/// ended, so that two incarnations never share a file or a port. A failure
/// that comes meanwhile joins the repair that is going on.
///
/// When the policy gives up, the supervisor stops all children and quits with
/// an error (limit_reached) that names the child and its reason; whoever
/// supervises it decides what comes next. An exit message stops the children in
/// the same orderly way; a kill takes them along at once.
class tree_supervisor_state {
public:
  static constexpr const char* name = "starling.supervisor.tree";

  tree_supervisor_state(supervisor_actor::pointer self,
                        const actor_catalog& catalog, node_context& node,
                        tree_supervisor_options opts);

  /// Kills what still runs.
  ~tree_supervisor_state();

  supervisor_actor::behavior_type make_behavior();

private:
  /// Numbers children in the order in which they were started.
  using child_id = uint64_t;

  using time_point = supervision::restart_policy::time_point;

  struct child {
    start_child spec;
    supervision::restart kind = supervision::restart::permanent;
    /// Null while there is no incarnation.
    caf::strong_actor_ptr actor;
    uint64_t restarts = 0;
    caf::error last_reason;
    /// Whoever wants to hear that it has ended for good.
    std::vector<caf::typed_response_promise<void>> leaving;
  };

  // -- messages ---------------------------------------------------------------

  caf::result<caf::strong_actor_ptr> start(start_child spec);
  caf::result<void> stop(const stop_child& msg);
  caf::result<caf::strong_actor_ptr> find(const find_child& msg) const;
  [[nodiscard]] std::vector<child_status> list() const;
  caf::result<void> subscribe(const child_listener_actor& listener);

  // -- children ---------------------------------------------------------------

  caf::expected<caf::strong_actor_ptr> spawn(child& which);
  child* find_by_name(const std::string& wanted);
  [[nodiscard]] std::vector<child_id> ids() const;
  void forget(child_id id);

  // -- failures ---------------------------------------------------------------

  void note_end(const caf::down_msg& down);
  void has_ended(child_id id, const caf::error& reason);
  void repair(child_id id, const caf::error& reason);
  void give_up(child_id id, const caf::error& reason);
  void shut_down(caf::error reason);

  // -- stopping and starting --------------------------------------------------

  void stop_actor(child_id id);
  void go_on();
  void start_pending();
  void restart(child_id id);

  supervisor_actor::pointer self_;
  const actor_catalog& catalog_;
  node_context& node_;
  tree_supervisor_options opts_;
  supervision::restart_policy policy_;
  std::map<child_id, child> children_;
  child_id next_id_ = 1;
  std::set<child_listener_actor> listeners_;

  /// To be stopped, the one in front first; it has been told already if
  /// `stopping_` names it.
  std::deque<child_id> to_stop_;
  std::optional<child_id> stopping_;
  caf::disposable stop_timer_;
  /// To be started at the time given, once nothing is left to stop.
  std::map<child_id, time_point> to_start_;
  caf::disposable start_timer_;
  /// Set when all is to end: the reason to quit with.
  std::optional<caf::error> quitting_;
};

/// Adds the actor type "supervisor". Options, all optional:
///   strategy       "one-for-one" (default), "one-for-all", "rest-for-one"
///   intensity      restarts within the period before it gives up (5)
///   period         (10s)
///   backoff        wait before the first restart, doubled with each (0s)
///   backoff-max    (30s)
///   jitter         share of the wait left to chance, 0 to 1 (0.5)
///   restart        "permanent" (default), "transient", "temporary"
///   stop-timeout   how long a child may take to end (5s)
///   children-max   (1000)
///   children       list of {name, type, restart, options}, started at once
/// A child's own "restart" stands in its `start_child::options`; it is taken
/// out before the child's type sees them. The catalog must outlive the actors.
/// Errors: duplicate_name.
caf::error add_tree_supervisor(actor_catalog& catalog);

} // namespace starling::supervisor
