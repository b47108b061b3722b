#pragma once

#include "messages/detector.hpp"
#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct population_summary;
struct query_tree;
struct summary_up;
struct tree_start;
struct tree_status;

/// Role: is told how all agents fare together.
using population_listener_actor = caf::typed_actor<
  // The root's summary of one epoch.
  caf::result<void>(population_summary)>;

/// Role: hands robust summaries of a node's agents up a tree of nodes, and the
/// whole population's down again.
using summary_tree_actor = caf::typed_actor<
  // Names the nodes and the agents scored on this one; again after a change.
  // Errors: invalid_option, limit_reached.
  caf::result<void>(tree_start),
  // The levels of an agent scored on this node. Errors: unknown_name,
  // malformed_input.
  caf::result<void>(score_batch),
  // What a fellow or one of a committee below has. Errors: permission_denied
  // (from neither), malformed_input, limit_reached.
  caf::result<void>(summary_up),
  // The root's summary, from one above. Errors: as before, without the last.
  caf::result<void>(population_summary),
  // Returns what the tree is doing.
  caf::result<tree_status>(query_tree),
  // Sends all later population summaries to the listener until it ends.
  // Errors: limit_reached.
  caf::result<void>(caf::subscribe_atom, population_listener_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_tree, starling::type_id_block::tree)

  CAF_ADD_TYPE_ID(starling_tree, (starling::population_listener_actor))
  CAF_ADD_TYPE_ID(starling_tree, (starling::population_summary))
  CAF_ADD_TYPE_ID(starling_tree, (starling::query_tree))
  CAF_ADD_TYPE_ID(starling_tree, (starling::summary_tree_actor))
  CAF_ADD_TYPE_ID(starling_tree, (starling::summary_up))
  CAF_ADD_TYPE_ID(starling_tree, (starling::tree_start))
  CAF_ADD_TYPE_ID(starling_tree, (starling::tree_status))

CAF_END_TYPE_ID_BLOCK(starling_tree)

namespace starling {

/// Agents of one kind: those that can be compared with each other. Kinds are
/// declared, see `behaviour_description`.
struct kind_count {
  std::string kind;
  uint32_t agents = 0;
};

/// One node of the tree.
struct tree_member {
  peer_id id;
  summary_tree_actor tree;
  /// Agents scored there, by kind: the most weight that its own part of a
  /// summary has.
  std::vector<kind_count> agents;
};

/// An agent scored on a node.
struct tree_subject {
  std::string name;
  std::string kind;
};

struct tree_start {
  /// The member that the receiver is.
  peer_id self;
  std::vector<tree_member> members;
  /// Agents scored on this node.
  std::vector<tree_subject> subjects;
  /// The tree's actor ends with this one; may be empty.
  caf::strong_actor_ptr owner;
  /// Whether some member had another list before this one: what it sent by that
  /// list is missing in the epochs that are under way.
  bool rebuilt = false;
};

/// What one member's agents did, or all below its committee: their levels, in
/// ascending order, each standing for as many agents as its weight says; and
/// the directions in which strange ones left what is usual for them, row after
/// row, the squared length of one being the number of agents that move along
/// it.
struct summary_up {
  uint64_t epoch = 0;
  std::string kind;
  peer_id from;
  std::vector<double> values;
  /// One for each value, or a single one that all have.
  std::vector<double> weights;
  /// Length of a row of `directions`.
  uint32_t features = 0;
  std::vector<float> directions;
};

/// How the levels of all agents of one kind lie in one epoch.
struct population_summary {
  uint64_t epoch = 0;
  std::string kind;
  /// Agents that it stands for.
  double agents = 0.0;
  double median = 0.0;
  /// Mean of the middle fifth.
  double middle_mean = 0.0;
  /// Median distance from the median, scaled like a standard deviation.
  double deviation = 0.0;
  /// Quantiles at `population_ranks`.
  std::vector<double> quantiles;
  /// Length of a row of `directions`.
  uint32_t features = 0;
  /// Along which directions strange agents left what is usual for them: rows at
  /// right angles, the longest first, the squared length of one being the
  /// share of all agents that move along it. None where nobody did.
  std::vector<float> directions;
};

/// Ranks of `population_summary::quantiles`.
inline constexpr double population_ranks[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95};

struct query_tree {};

struct tree_status {
  uint64_t epochs_open = 0;
  /// Summaries handed up, or closed as the root.
  uint64_t epochs_closed = 0;
  /// Of those, without the part of some agent or child.
  uint64_t epochs_incomplete = 0;
  /// The newest population summary known here, of any kind; `agents` is 0
  /// before the first.
  population_summary population;
};

template <class Inspector>
bool inspect(Inspector& f, kind_count& x) {
  return f.object(x).fields(f.field("kind", x.kind),
                            f.field("agents", x.agents));
}

template <class Inspector>
bool inspect(Inspector& f, tree_subject& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("kind", x.kind));
}

template <class Inspector>
bool inspect(Inspector& f, tree_member& x) {
  return f.object(x).fields(f.field("id", x.id), f.field("tree", x.tree),
                            f.field("agents", x.agents));
}

template <class Inspector>
bool inspect(Inspector& f, tree_start& x) {
  return f.object(x).fields(
    f.field("self", x.self), f.field("members", x.members),
    f.field("subjects", x.subjects), f.field("owner", x.owner),
    f.field("rebuilt", x.rebuilt));
}

template <class Inspector>
bool inspect(Inspector& f, summary_up& x) {
  return f.object(x).fields(
    f.field("epoch", x.epoch), f.field("kind", x.kind), f.field("from", x.from),
    f.field("values", x.values), f.field("weights", x.weights),
    f.field("features", x.features), f.field("directions", x.directions));
}

template <class Inspector>
bool inspect(Inspector& f, population_summary& x) {
  return f.object(x).fields(
    f.field("epoch", x.epoch), f.field("kind", x.kind),
    f.field("agents", x.agents), f.field("median", x.median),
    f.field("middle_mean", x.middle_mean), f.field("deviation", x.deviation),
    f.field("quantiles", x.quantiles), f.field("features", x.features),
    f.field("directions", x.directions));
}

template <class Inspector>
bool inspect(Inspector& f, query_tree& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, tree_status& x) {
  return f.object(x).fields(f.field("epochs_open", x.epochs_open),
                            f.field("epochs_closed", x.epochs_closed),
                            f.field("epochs_incomplete", x.epochs_incomplete),
                            f.field("population", x.population));
}

} // namespace starling
