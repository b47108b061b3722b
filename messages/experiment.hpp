#pragma once

#include "messages/agent.hpp"
#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/spawner.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/result.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct experiment_outcome;
struct experiment_progress;
struct fetch_labels;
struct row_labels;
struct run_experiment;

/// Role: knows the recorded behaviour of an agent and which rows were
/// anomalous. Agents and detectors get it as a `behaviour_source_actor`, which
/// can't be asked for labels.
using labelled_source_actor = caf::typed_actor<
  // As a behaviour source.
  caf::result<behaviour_description>(describe_behaviour),
  caf::result<behaviour_rows>(fetch_rows),
  // Returns the labels of all rows that are not for training. Errors:
  // file_error, malformed_input, limit_reached.
  caf::result<row_labels>(fetch_labels)>;

/// Role: is told how far an experiment has come.
using experiment_listener_actor = caf::typed_actor<
  // So many rows of so many have been taken.
  caf::result<void>(experiment_progress)>;

/// Role: runs detection experiments, one at a time.
using experiment_actor = caf::typed_actor<
  // Spreads agents and detectors over the nodes, lets them run to the end and
  // writes scores.csv, events.csv, summary.json and report.html. Errors:
  // wrong_state (one runs already), invalid_option, file_error,
  // malformed_input, unknown_name (entity, detector), unreachable (no node is
  // left), timed_out (nothing moves), limit_reached (an entity fails again and
  // again), and those of the spawners.
  caf::result<experiment_outcome>(run_experiment),
  // Sends the progress of all runs to the listener until it ends. Errors:
  // limit_reached.
  caf::result<void>(caf::subscribe_atom, experiment_listener_actor)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_experiment,
                        starling::type_id_block::experiment)

  CAF_ADD_TYPE_ID(starling_experiment, (starling::experiment_actor))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::experiment_listener_actor))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::experiment_outcome))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::experiment_progress))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::fetch_labels))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::labelled_source_actor))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::row_labels))
  CAF_ADD_TYPE_ID(starling_experiment, (starling::run_experiment))

CAF_END_TYPE_ID_BLOCK(starling_experiment)

namespace starling {

/// A node to run on. Several may share one spawner: nodes in name only, as in
/// an experiment in one process.
struct experiment_node {
  /// For people; appears in the report.
  std::string name;
  /// Distinct among the nodes.
  peer_id id;
  spawner_actor spawner;
};

struct run_experiment {
  /// Path of the experiment file: named in errors and in the report, and where
  /// a relative data folder counts from. It is not opened.
  std::string file;
  /// What the experiment file says.
  std::string text;
  /// Data folder, read on the node of the receiver; empty: the one that the
  /// file names.
  std::string data_dir;
  /// Folder for the results, on the node of the receiver; made if missing.
  std::string out_dir;
  std::vector<experiment_node> nodes;
  /// Whether members of the receiver's cluster that join it, or come back to
  /// it, while the experiment runs take part from then on.
  bool recruit = false;
};

struct fetch_labels {};

struct row_labels {
  /// One a row; 1 = anomalous.
  std::vector<uint8_t> labels;
};

struct experiment_progress {
  /// "preparing", "running" or "writing".
  std::string stage;
  uint64_t rows_done = 0;
  /// Training rows included; 0 before it is known.
  uint64_t rows_total = 0;
};

/// One way to score and how well it ranks, mean over the entities.
struct method_outcome {
  std::string name;
  double auc_roc = 0.0;
  double auc_pr = 0.0;
  double best_f1 = 0.0;
  /// AUC-PR of the score behind a causal average of half-life 12 rows.
  double auc_pr_smooth = 0.0;
  double micros_per_vector = 0.0;
};

struct experiment_outcome {
  std::string name;
  /// Folder that holds the results, and the report in it.
  std::string out_dir;
  std::string report;
  uint64_t entities = 0;
  /// Rows scored.
  uint64_t rows = 0;
  caf::timespan duration{0};
  /// The detector, then the baselines.
  std::vector<method_outcome> methods;
  uint64_t zone_changes = 0;
  uint64_t quarantines = 0;
  uint64_t isolations = 0;
  uint64_t recoveries = 0;
  /// Share of normal rows above the quarantine threshold.
  double false_alarms = 0.0;
  /// Work items: taken by the next agent of the ring, taken by another, refused
  /// as from someone cut off, and without anybody to take them.
  uint64_t delivered = 0;
  uint64_t rerouted = 0;
  uint64_t refused = 0;
  uint64_t dropped = 0;
  /// Times that an entity began anew after a failure.
  uint64_t restarts = 0;
  /// Nodes that took part at the end; times that one came, or came back, while
  /// it ran, and times that one was lost.
  uint64_t nodes = 0;
  uint64_t nodes_joined = 0;
  uint64_t nodes_lost = 0;
  /// The text of summary.json.
  std::string summary;
};

template <class Inspector>
bool inspect(Inspector& f, experiment_node& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("id", x.id),
                            f.field("spawner", x.spawner));
}

template <class Inspector>
bool inspect(Inspector& f, run_experiment& x) {
  return f.object(x).fields(
    f.field("file", x.file), f.field("text", x.text),
    f.field("data_dir", x.data_dir), f.field("out_dir", x.out_dir),
    f.field("nodes", x.nodes), f.field("recruit", x.recruit));
}

template <class Inspector>
bool inspect(Inspector& f, fetch_labels& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, row_labels& x) {
  return f.object(x).fields(f.field("labels", x.labels));
}

template <class Inspector>
bool inspect(Inspector& f, experiment_progress& x) {
  return f.object(x).fields(f.field("stage", x.stage),
                            f.field("rows_done", x.rows_done),
                            f.field("rows_total", x.rows_total));
}

template <class Inspector>
bool inspect(Inspector& f, method_outcome& x) {
  return f.object(x).fields(
    f.field("name", x.name), f.field("auc_roc", x.auc_roc),
    f.field("auc_pr", x.auc_pr), f.field("best_f1", x.best_f1),
    f.field("auc_pr_smooth", x.auc_pr_smooth),
    f.field("micros_per_vector", x.micros_per_vector));
}

template <class Inspector>
bool inspect(Inspector& f, experiment_outcome& x) {
  return f.object(x).fields(
    f.field("name", x.name), f.field("out_dir", x.out_dir),
    f.field("report", x.report), f.field("entities", x.entities),
    f.field("rows", x.rows), f.field("duration", x.duration),
    f.field("methods", x.methods), f.field("zone_changes", x.zone_changes),
    f.field("quarantines", x.quarantines), f.field("isolations", x.isolations),
    f.field("recoveries", x.recoveries),
    f.field("false_alarms", x.false_alarms), f.field("delivered", x.delivered),
    f.field("rerouted", x.rerouted), f.field("refused", x.refused),
    f.field("dropped", x.dropped), f.field("restarts", x.restarts),
    f.field("nodes", x.nodes), f.field("nodes_joined", x.nodes_joined),
    f.field("nodes_lost", x.nodes_lost), f.field("summary", x.summary));
}

} // namespace starling
