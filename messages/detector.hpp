#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct behaviour_rows;
struct detector_start;
struct detector_status;
struct query_detector;
struct rows_taken;
struct score_batch;

/// Role: hears how strange an agent's rows were.
using score_listener_actor = caf::typed_actor<
  // Takes the scores of some rows; rows heard before are ignored. The detector
  // goes on when all its listeners have answered. Errors: unknown_name (nobody
  // watches that agent here), malformed_input.
  caf::result<void>(score_batch)>;

/// Role: learns how one agent behaves and scores what it does.
using detector_actor = caf::typed_actor<
  // Forgets everything and begins with row 0 of an agent. Errors:
  // invalid_option.
  caf::result<void>(detector_start),
  // Learns from training rows, scores the others and tells the listeners;
  // answers when they have heard. Rows come in order; those taken before are
  // ignored. Errors: wrong_state (not started, or a gap), malformed_input, and
  // those of the listeners.
  caf::result<rows_taken>(behaviour_rows),
  // Returns what the detector is doing.
  caf::result<detector_status>(query_detector)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_detector, starling::type_id_block::detector)

  CAF_ADD_TYPE_ID(starling_detector, (starling::behaviour_rows))
  CAF_ADD_TYPE_ID(starling_detector, (starling::detector_actor))
  CAF_ADD_TYPE_ID(starling_detector, (starling::detector_start))
  CAF_ADD_TYPE_ID(starling_detector, (starling::detector_status))
  CAF_ADD_TYPE_ID(starling_detector, (starling::query_detector))
  CAF_ADD_TYPE_ID(starling_detector, (starling::rows_taken))
  CAF_ADD_TYPE_ID(starling_detector, (starling::score_batch))
  CAF_ADD_TYPE_ID(starling_detector, (starling::score_listener_actor))

CAF_END_TYPE_ID_BLOCK(starling_detector)

namespace starling {

/// Rows in one message at most: large enough that messages cost nothing beside
/// the scoring, small enough that zones follow quickly.
inline constexpr uint32_t batch_rows_max = 256;

/// A stretch of an agent's behaviour.
struct behaviour_rows {
  /// Place of the first row in the stream, training rows included, from 0.
  uint64_t first = 0;
  /// Length of each row.
  uint32_t features = 0;
  /// To learn from, not to score. A batch is all of one kind.
  bool training = false;
  /// Nothing comes after these rows.
  bool last = false;
  /// Row after row; NaN where a value is missing.
  std::vector<double> values;

  [[nodiscard]] uint64_t rows() const {
    return features > 0 ? values.size() / features : 0;
  }
};

struct rows_taken {
  /// Place of the row that the detector expects next.
  uint64_t next = 0;
};

struct detector_start {
  /// Name of the agent.
  std::string subject;
  std::vector<score_listener_actor> listeners;
  /// The detector ends with this actor; may be empty.
  caf::strong_actor_ptr owner;
};

/// How much one feature added to a score.
struct feature_part {
  /// Index into the row.
  uint32_t feature = 0;
  /// In (0, 1].
  double share = 0.0;
  /// What was measured, and what is usual for this agent, in the feature's own
  /// unit; NaN where the value is missing.
  double value = 0.0;
  double usual = 0.0;
  /// How far the value is from the usual one, in the feature's usual
  /// deviations, with its sign; NaN where the value is missing.
  double deviations = 0.0;
};

/// Why one row scored as high as it did.
struct row_evidence {
  /// As in `score_batch::first`.
  uint64_t row = 0;
  /// Largest share first.
  std::vector<feature_part> parts;
};

/// What a detector found in a stretch of rows.
struct score_batch {
  std::string subject;
  /// The first row, counted from the first one that was not for training.
  uint64_t first = 0;
  /// Nothing comes after these rows.
  bool last = false;
  /// Raw scores, which rank; finite, >= 0.
  std::vector<double> scores;
  /// Calibrated levels in [0, 1], one a row.
  std::vector<double> levels;
  /// Raw scores of each baseline, one a row.
  std::vector<std::vector<double>> baselines;
  /// For rows of high level, in their order.
  std::vector<row_evidence> evidence;
  /// Time inside the scorer and its calibrator.
  uint64_t nanoseconds = 0;
  /// The same for each baseline.
  std::vector<uint64_t> baseline_nanoseconds;
};

struct query_detector {};

struct detector_status {
  std::string subject;
  std::string scorer;
  uint64_t rows_learned = 0;
  uint64_t rows_scored = 0;
  double last_level = 0.0;
  uint64_t state_bytes = 0;
};

template <class Inspector>
bool inspect(Inspector& f, behaviour_rows& x) {
  return f.object(x).fields(
    f.field("first", x.first), f.field("features", x.features),
    f.field("training", x.training), f.field("last", x.last),
    f.field("values", x.values));
}

template <class Inspector>
bool inspect(Inspector& f, rows_taken& x) {
  return f.object(x).fields(f.field("next", x.next));
}

template <class Inspector>
bool inspect(Inspector& f, detector_start& x) {
  return f.object(x).fields(f.field("subject", x.subject),
                            f.field("listeners", x.listeners),
                            f.field("owner", x.owner));
}

template <class Inspector>
bool inspect(Inspector& f, feature_part& x) {
  return f.object(x).fields(
    f.field("feature", x.feature), f.field("share", x.share),
    f.field("value", x.value), f.field("usual", x.usual),
    f.field("deviations", x.deviations));
}

template <class Inspector>
bool inspect(Inspector& f, row_evidence& x) {
  return f.object(x).fields(f.field("row", x.row), f.field("parts", x.parts));
}

template <class Inspector>
bool inspect(Inspector& f, score_batch& x) {
  return f.object(x).fields(
    f.field("subject", x.subject), f.field("first", x.first),
    f.field("last", x.last), f.field("scores", x.scores),
    f.field("levels", x.levels), f.field("baselines", x.baselines),
    f.field("evidence", x.evidence), f.field("nanoseconds", x.nanoseconds),
    f.field("baseline_nanoseconds", x.baseline_nanoseconds));
}

template <class Inspector>
bool inspect(Inspector& f, query_detector& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, detector_status& x) {
  return f.object(x).fields(
    f.field("subject", x.subject), f.field("scorer", x.scorer),
    f.field("rows_learned", x.rows_learned),
    f.field("rows_scored", x.rows_scored), f.field("last_level", x.last_level),
    f.field("state_bytes", x.state_bytes));
}

} // namespace starling
