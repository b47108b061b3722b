#pragma once

#include "actors/experiment/experiment_result.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace starling::experiment {

/// A stretch of scores as it comes in. All spans have one value a row.
struct scored_rows {
  /// The first row of the test file that the scores are of.
  uint64_t first = 0;
  std::span<const double> scores;
  std::span<const double> levels;
  /// One a baseline.
  std::span<const std::vector<double>> baselines;
  /// Time inside the scorer, and inside each baseline.
  uint64_t nanoseconds = 0;
  std::span<const uint64_t> baseline_nanoseconds;
  /// Bytes that it took between nodes.
  uint64_t bytes = 0;
};

/// What became of an agent's work, in items.
struct work_note {
  uint64_t delivered = 0;
  uint64_t rerouted = 0;
  uint64_t refused = 0;
  uint64_t dropped = 0;
};

/// Gathers what a run brings to light, in whatever order it comes.
///
/// After a failure an entity is streamed again from its first row: rows and
/// zone changes that are here already are dropped. They are the same ones,
/// since both follow from the rows alone.
class collector {
public:
  /// More events than this are counted, not kept.
  static constexpr size_t events_max = 200'000;

  collector(std::vector<std::string> entities, size_t baselines);

  /// Takes scores. Errors: malformed_input (a gap, unequal lengths, beyond
  /// `rows_max`), which says that a detector is broken.
  result<void> add_scores(size_t entity, const scored_rows& rows,
                          uint64_t rows_max);

  /// Takes a zone change; one of the same row again is dropped. `context` says
  /// what stood around it.
  void add_zone_change(size_t entity, const zone_change_note& change,
                       std::string context);

  /// Work goes to another agent from that row on; again is dropped.
  void add_route(size_t entity, uint64_t row, std::string from, std::string to);

  void add_work(size_t entity, const work_note& work);

  /// Bytes of behaviour that an agent sent between nodes.
  void add_behaviour_bytes(size_t entity, uint64_t bytes);

  /// Something that belongs to no row, e.g. a restart.
  void add_event(event_note event);

  /// Rows of which the scores are here.
  [[nodiscard]] uint64_t rows(size_t entity) const;

  [[nodiscard]] work_note work_total() const;

  /// Moves entities and events into a result: `labels` one vector an entity,
  /// `nodes` the name of the node each agent ran on.
  void finish(std::vector<std::vector<uint8_t>> labels,
              const std::vector<std::string>& nodes, experiment_result& out);

private:
  struct record {
    entity_result result;
    std::map<uint64_t, zone_change_note> changes;
    std::map<uint64_t, std::string> contexts;
    std::map<uint64_t, std::pair<std::string, std::string>> routes;
    work_note work;
    double nanoseconds = 0.0;
    uint64_t behaviour_bytes = 0;
    uint64_t score_bytes = 0;
  };

  void append_events(const record& from, std::vector<event_note>& to) const;

  std::vector<record> entries_;
  std::vector<double> baseline_nanoseconds_;
  std::vector<event_note> events_;
  size_t events_lost_ = 0;
};

} // namespace starling::experiment
