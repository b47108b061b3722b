#pragma once

#include "messages/supervisor.hpp"
#include "runtime/config/node_options.hpp"
#include "runtime/node_context.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace starling::deploy {

/// The [[actor]] entries of a node file. Each lives under a supervisor; those
/// with the same strategy share one, in file order.
///
/// They don't stand under the supervisor of the node's own roles: an actor of
/// an operator that fails for good must not take the node's sessions with it.
/// It then stays away, which the audit log and /ready tell.
class configured_actors {
public:
  using done_fun = std::function<void(caf::error)>;

  /// All that is given outlives the actors.
  configured_actors(const config::node_options& opts,
                    const actor_catalog& catalog, node_context& node);

  /// Spawns the supervisors, without children.
  void spawn_groups();

  /// Starts all entries, one after the other, for `self`; calls `done` with
  /// nothing or with what was wrong first: the text says where in the file it
  /// stands and what to do.
  void start(caf::event_based_actor* self, done_fun done);

  /// Ends them all.
  void stop();

  /// Returns the supervisors. Does not change between the calls above.
  [[nodiscard]] const std::vector<supervisor_actor>& groups() const {
    return groups_;
  }

  /// Returns the names of all entries.
  [[nodiscard]] std::set<std::string> names() const;

private:
  void start_from(size_t index, caf::event_based_actor* self, done_fun done);
  [[nodiscard]] const std::string&
  strategy_of(const config::actor_entry& entry) const;

  const config::node_options& opts_;
  const actor_catalog& catalog_;
  node_context& node_;
  std::vector<std::string> strategies_;
  std::vector<supervisor_actor> groups_;
};

/// Returns the options of an entry as its actor gets them.
caf::settings to_settings(const config::value_map& options);

} // namespace starling::deploy
