#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"

namespace starling::detector {

/// Mean distance of the features from their own past, each on its own scale.
///
/// Two of the baselines are this, and differ in how long and how hard that past
/// is kept: "robust-z" remembers thousands of rows and clips what it learns
/// close to the middle, much as medians would; "ewma-z" follows the last
/// hundred rows whatever they are. Neither sees how features go together.
class z_scorer final : public scorer {
public:
  /// @pre opts.features is above zero and smoothing_rows at least zero.
  z_scorer(const options& opts, feature_scaler::options scaling);

  void learn(std::span<const double> row) override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return average_.last();
  }

  [[nodiscard]] size_t state_bytes() const override;

  [[nodiscard]] std::vector<feature_share> explain() const override;

  [[nodiscard]] feature_range usual(size_t feature) const override {
    return scaler_.range_of(feature);
  }

private:
  /// Returns the score of the row by itself, and learns the row.
  double measure(std::span<const double> row);

  feature_scaler scaler_;
  score_average average_;
  std::vector<float> scaled_;
};

/// The scaling of "robust-z".
[[nodiscard]] feature_scaler::options robust_scaling(size_t features);

/// The scaling of "ewma-z".
[[nodiscard]] feature_scaler::options ewma_scaling(size_t features);

} // namespace starling::detector
