#pragma once

#include "actors/detector/calibrator.hpp"
#include "actors/detector/scorer.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace starling::detector {

/// Level of a row that has no value at all: above the default threshold of
/// MONITORED and below that of QUARANTINED. Whoever falls silent can't be
/// trusted, since nobody can judge it; a collector that fails is no crime
/// either.
inline constexpr double level_unjudged = 0.9;

/// What is thought of one row.
struct verdict {
  /// Ranks; finite, >= 0.
  double score = 0.0;
  /// Calibrated, in [0, 1].
  double level = 0.0;
};

/// Watches one agent: a scorer, and the calibrator that makes levels of what it
/// says.
class row_judge {
public:
  /// Errors: those of `make_scorer` and `calibrator::make`.
  [[nodiscard]] static result<row_judge>
  make(std::string_view scorer, const scorer::options& scoring,
       const calibrator::options& calibration);

  /// @pre the scorer knows nothing yet. Errors: those of `calibrator::make`.
  [[nodiscard]] static result<row_judge>
  make(std::unique_ptr<scorer> expert, const calibrator::options& calibration);

  /// Takes a training row, as `scorer::learn`.
  void learn(std::span<const double> row);

  /// Says that the training is over.
  void settle() {
    scorer_->settle();
  }

  /// Judges a row by all that came before it. One without any value is not
  /// remembered by the calibrator.
  verdict judge(std::span<const double> row);

  /// Who says which features it was, see `scorer::explain`.
  [[nodiscard]] const scorer& expert() const {
    return *scorer_;
  }

  [[nodiscard]] size_t state_bytes() const {
    return scorer_->state_bytes() + calibrator_.state_bytes();
  }

private:
  row_judge(std::unique_ptr<scorer> expert, calibrator scale);

  std::unique_ptr<scorer> scorer_;
  calibrator calibrator_;
};

} // namespace starling::detector
