#pragma once

#include "actors/experiment/troupe_orchestrator.hpp"
#include "messages/experiment.hpp"
#include "messages/membership.hpp"
#include "messages/peer_id.hpp"
#include "runtime/node_context.hpp"

#include <caf/timespan.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace starling::experiment {

struct recruiter_options {
  /// Time between two looks at the list of members.
  caf::timespan interval = std::chrono::seconds{1};
  /// Until a member's spawner is found.
  caf::timespan request_timeout = std::chrono::seconds{15};
};

/// What the recruiter asks and tells its orchestrator.
struct recruiter_events {
  std::function<bool(const peer_id&)> wants;
  std::function<void(experiment_node)> found;
};

/// Looks for nodes that join the cluster, or come back to it, while an
/// experiment runs.
///
/// It looks at the list of members again and again: a node whose session was
/// lost and made anew changes nothing in that list, so waiting for changes
/// would miss it. One whose spawner can't be reached is asked more and more
/// rarely.
class recruiter : public std::enable_shared_from_this<recruiter> {
public:
  recruiter(orchestrator_actor::pointer self, const node_context& node,
            recruiter_options opts, recruiter_events events);

  /// Begins to look; it goes on until `stop`.
  void begin();

  /// Nothing is told after that.
  void stop();

private:
  /// Of a member that could not be reached.
  struct rest {
    /// Looks to leave out, and how many that were the last time.
    uint32_t left = 0;
    uint32_t length = 0;
  };

  void look_later();
  void look();
  void consider(const std::vector<member_info>& members);
  void ask_for_spawner(const member_info& member);
  void found(const member_info& member, spawner_actor spawner);
  void not_found(const peer_id& id);
  void answered();

  orchestrator_actor::pointer self_;
  const node_context& node_;
  recruiter_options opts_;
  recruiter_events events_;
  std::map<peer_id, rest> rests_;
  size_t pending_ = 0;
  bool stopped_ = false;
};

} // namespace starling::experiment
