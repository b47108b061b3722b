#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"

#include <cstdint>

namespace starling::detector {

/// LODA: how rare is this row in a few dozen random views?
///
/// Each view is a sparse random projection, of about the square root of the
/// number of features, with a histogram. The score is the mean of -ln p over
/// the views: many weak detectors that together see what none sees alone. Rows
/// are counted as they come, and the histograms are halved when full, so that
/// the past fades. A yardstick.
///
/// Source: Pevny, "Loda: lightweight on-line detector of anomalies", Machine
/// Learning 102, 2016, sections 3.1 to 3.3.
class loda_scorer final : public scorer {
public:
  static constexpr size_t views = 48;
  static constexpr size_t bins = 48;
  /// Rows after which the histograms are halved.
  static constexpr float rows_max = 8000.0F;

  /// @pre opts.features is above zero and smoothing_rows at least zero.
  explicit loda_scorer(const options& opts);

  void learn(std::span<const double> row) override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return average_.last();
  }

  [[nodiscard]] size_t state_bytes() const override;

  /// How much rarer the row is in views with the feature than without.
  [[nodiscard]] std::vector<feature_share> explain() const override;

  [[nodiscard]] feature_range usual(size_t feature) const override {
    return scaler_.range_of(feature);
  }

private:
  struct term {
    float factor = 0.0F;
    uint16_t feature = 0;
  };

  void draw(uint64_t seed);

  double take(std::span<const double> row);

  void halve();

  feature_scaler scaler_;
  score_average average_;
  std::vector<float> scaled_;
  size_t terms_per_view_;
  std::vector<term> terms_;
  std::vector<float> counts_;
  float total_ = 0.0F;
  /// -ln p of the last row in each view.
  std::vector<float> rarities_;
};

} // namespace starling::detector
