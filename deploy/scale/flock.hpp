#pragma once

#include "actors/scale/generated_source.hpp"
#include "deploy/scale/metered_actor.hpp"
#include "deploy/scale/scale_point.hpp"
#include "messages/agent.hpp"
#include "messages/detector.hpp"
#include "messages/tree.hpp"
#include "messages/zone.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::deploy {

/// Role: runs the agents of one node and notes what becomes of them.
using flock_collector_actor = caf::typed_actor<
  // Of the node's agents: how far they are.
  caf::result<void>(agent_report),
  // Of those who judge them.
  caf::result<void>(zone_changed), caf::result<void>(zone_horizon),
  // Of some detectors: how long they took.
  caf::result<void>(score_batch),
  // Introduces the node's actors to each other; answers when all agreed.
  caf::result<void>(caf::connect_atom),
  // Streams the node's agents up to their gates; answers when all are there.
  caf::result<void>(caf::put_atom),
  // Moves the gates to that live row; answers when all agents are there, and
  // at the last row when also all work was done.
  caf::result<void>(caf::open_atom, uint64_t)>;

/// One agent, whoever watches it, and what became of it.
struct flock_agent {
  scale::generated_source_actor source;
  agent_actor agent;
  detector_actor detector;
  /// For actors of other nodes.
  detector_actor distant_detector;
  scale::misconduct what = scale::misconduct::none;
  /// Rows of entries into QUARANTINED or ISOLATED.
  std::vector<uint64_t> cut_offs;
  /// Whether it was cut off in the row before misconduct begins.
  bool cut_off_at_onset = false;
  /// Entries from a zone that is not cut off.
  uint64_t entries = 0;
  std::optional<uint64_t> isolated;
};

/// Agents that work together, and the keeper that judges them on the node that
/// watches them. A keeper tells all that listen of all whom it judges: one for
/// each ring, and nobody hears of agents that it never meets.
struct flock_ring {
  size_t first = 0;
  size_t count = 0;
  zone_keeper_actor keeper;
  zone_keeper_actor distant_keeper;
};

/// A node in name only: it shares its process with all others, and its handles
/// are metered where they leave it.
struct flock_node {
  peer_id id;
  summary_tree_actor tree;
  summary_tree_actor distant_tree;
  flock_collector_actor collector;
  /// Its agents.
  size_t first = 0;
  size_t count = 0;
  std::vector<flock_ring> rings;
  /// Nanoseconds a vector, by batch, of the detectors that are looked at.
  std::vector<double> detection_ns;
  /// Rows of honest agents above the quarantine threshold, of those detectors.
  uint64_t false_alarms = 0;
  uint64_t honest_rows = 0;
};

/// All agents of one size. Agents of node j are watched and judged on node
/// j + 1, as `experiment::placement` has it, and work in rings of neighbours on
/// their own node: nobody but the trees' actors knows of all nodes.
struct flock {
  scale_plan plan;
  std::vector<flock_node> nodes;
  std::vector<flock_agent> agents;

  /// Returns the node that watches the agents of node `index`.
  [[nodiscard]] size_t watcher_of(size_t index) const {
    return (index + 1) % nodes.size();
  }

  /// Returns the node whose agents node `index` watches.
  [[nodiscard]] size_t watched_by(size_t index) const {
    return (index + nodes.size() - 1) % nodes.size();
  }
};

[[nodiscard]] std::string flock_agent_name(size_t index);

/// Returns the agent of that name; nothing for any other text.
[[nodiscard]] std::optional<size_t> flock_agent_index(std::string_view name);

/// State of the actor that runs one node of a flock. It writes to its own
/// node's agents in the flock and reads all else, which stands still meanwhile.
class flock_collector_state {
public:
  static constexpr const char* name = "starling.scale.collector";

  flock_collector_state(flock_collector_actor::pointer self, flock& birds,
                        size_t node);

  flock_collector_actor::behavior_type make_behavior();

private:
  using promise = caf::typed_response_promise<void>;

  caf::result<void> connect();
  caf::result<void> train();
  caf::result<void> open(uint64_t row);
  bool is_there(const agent_report& msg) const;
  void note(const agent_report& msg);
  void note(const zone_changed& msg);
  void note(const score_batch& msg);

  template <class Handle, class Content>
  void ask(const Handle& who, Content content);
  void wire_services();
  void wire_agent(const flock_ring& ring, size_t index);
  tree_start tree_list() const;
  watch_agents watch_list(const flock_ring& ring) const;
  agent_ring ring_for(const flock_ring& ring, size_t index) const;
  void fail(caf::error reason);
  flock_node& own() const;

  flock_collector_actor::pointer self_;
  flock& birds_;
  size_t node_;
  promise answer_;
  /// Answers, or agents, that `answer_` waits for.
  size_t waiting_ = 0;
  /// Live rows at which an agent stands at its gate.
  uint64_t gate_;
  /// What is heard from now on counts.
  bool live_ = false;
  std::vector<bool> arrived_;
};

} // namespace starling::deploy
