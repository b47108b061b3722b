#pragma once

#include "actors/detector/row_judge.hpp"
#include "actors/detector/scorer_detector.hpp"
#include "messages/detector.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/settings.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::detector {

struct stream_detector_options {
  /// Name as in `make_scorer`, or that of `own`.
  std::string scorer = "flock";
  /// A type that a plugin brought, if not null, and its own options.
  std::shared_ptr<const detector_type> own;
  caf::settings own_options;
  scorer::options scoring;
  calibrator::options calibration;
  /// Names of scorers that run beside, for comparison; 16 at most.
  std::vector<std::string> baselines;
  /// Rows above this level come with the features that made it, in [0, 1].
  double explain_above = 0.8;
};

/// Reads the options of the catalog's "detector", or of a type that a plugin
/// brought. Errors: invalid_option.
caf::expected<stream_detector_options>
read_options(const caf::settings& input,
             std::shared_ptr<const detector_type> own = nullptr);

/// State of the actor that watches one agent.
///
/// It does not decide: it tells its listeners scores and levels, and has no
/// clock, so that the same rows give the same numbers wherever and however fast
/// it runs.
class stream_detector_state {
public:
  static constexpr const char* name = "starling.detector.stream";

  stream_detector_state(detector_actor::pointer self,
                        stream_detector_options opts);

  detector_actor::behavior_type make_behavior();

private:
  caf::result<void> start(const detector_start& msg);
  caf::result<rows_taken> take(const behaviour_rows& msg);
  caf::error check(const behaviour_rows& msg) const;
  void learn(const behaviour_rows& msg);
  score_batch score(const behaviour_rows& msg);
  void settle();
  void score_with_baselines(const behaviour_rows& msg, score_batch& batch);
  caf::result<rows_taken> report(const score_batch& batch);
  detector_status status() const;

  /// Makes scorers that know nothing. Errors: those of `make_scorer`, of the
  /// plugin's type, and of `calibrator::make`.
  caf::error renew();

  detector_actor::pointer self_;
  stream_detector_options opts_;
  std::optional<row_judge> judge_;
  std::vector<std::unique_ptr<scorer>> baselines_;
  std::string subject_;
  std::vector<score_listener_actor> listeners_;
  caf::actor_addr owner_;
  uint64_t next_ = 0;
  uint64_t learned_ = 0;
  uint64_t scored_ = 0;
  double last_level_ = 0.0;
};

/// Adds the type "detector". Errors: duplicate_name.
caf::error add_stream_detector(actor_catalog& catalog);

} // namespace starling::detector
