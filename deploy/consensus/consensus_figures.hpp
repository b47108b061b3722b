#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace starling::deploy {

/// What one phase's processes said; times in nanoseconds of the steady clock.
struct phase_record {
  struct verdict {
    std::string subject;
    /// When the row that made it was handed to the detector.
    uint64_t row = 0;
    /// When the detector's listener heard of it; 0 if the detector was silent.
    uint64_t alarm = 0;
  };

  std::string name;
  std::vector<verdict> verdicts;
  std::map<std::string, uint64_t> commits;
  /// By mode, then agent: when each node that was told cut it off.
  std::map<std::string, std::map<std::string, std::vector<uint64_t>>> cuts;
  /// By mode: work refused afterwards, of how much that was sent.
  std::map<std::string, std::pair<uint64_t, uint64_t>> refused;
  /// By mode: messages that guards heard.
  std::map<std::string, uint64_t> heard;
  uint64_t session_bytes = 0;
  /// What etcd's metrics grew by; empty if that can't be told.
  std::map<std::string, double> etcd;
  /// When something was broken, and mended; 0 if nothing was.
  uint64_t broken = 0;
  uint64_t mended = 0;

  /// Takes a line of a judge, or of a guard. Returns false at "done". Errors:
  /// malformed_input, wrong_state (it failed).
  result<bool> take(const std::string& line);
};

/// Quantiles in milliseconds.
struct delay_figures {
  size_t samples = 0;
  double p50 = 0.0;
  double p99 = 0.0;
  double most = 0.0;
};

/// How one mode did in one phase.
struct mode_figures {
  std::string phase;
  std::string mode;
  /// Alarms that were raised, and those that all nodes acted on in the end.
  uint64_t alarms = 0;
  uint64_t contained = 0;
  /// Agents whose wrong rows raised no alarm.
  uint64_t missed = 0;
  /// From the listener's alarm to each node's cut.
  delay_figures each_node;
  /// From the alarm to the last node's cut.
  delay_figures last_node;
  /// From the wrong row to the last node's cut.
  delay_figures from_row;
  /// From the alarm to the commit; consensus only.
  delay_figures commit;
  /// Longest time between two agents' containment, milliseconds.
  double gap_ms = 0.0;
  /// Alarms while something was broken, and how many of those were acted on
  /// before it was mended.
  uint64_t alarms_broken = 0;
  uint64_t contained_broken = 0;
  /// The same by nodes: how many of them acted on one before it was mended; of
  /// `alarms_broken` times the nodes.
  uint64_t cuts_broken = 0;
  uint64_t refused = 0;
  uint64_t work_sent = 0;
  /// That guards heard; consensus: of etcd's clients, 0 if that can't be told.
  uint64_t messages = 0;
  /// Between processes; consensus: those between members too.
  double bytes = 0.0;
};

/// @pre `nodes` is how many nodes have to cut an agent off.
[[nodiscard]] mode_figures figures_of(const phase_record& record,
                                      const std::string& mode, size_t nodes);

/// Returns quantiles of delays in nanoseconds; zeros if there are none.
[[nodiscard]] delay_figures delays_of(std::vector<uint64_t> nanoseconds);

} // namespace starling::deploy
