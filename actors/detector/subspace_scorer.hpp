#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"

namespace starling::detector {

/// Principal components, streaming: how much of the row do the main directions
/// of the past not explain?
///
/// The score is the mean square of what is left of the scaled row when its
/// parts along the leading directions are taken away. The directions are kept
/// by a candid covariance-free rule: each follows the mean of the rows weighted
/// by their part along it, after the parts along the ones before are removed.
/// No covariance, no step size to choose. A yardstick.
///
/// Source: Weng, Zhang, Hwang, "Candid covariance-free incremental principal
/// component analysis", IEEE TPAMI 25(8), 2003, equations 10 and 11.
class subspace_scorer final : public scorer {
public:
  /// Leading directions; a third of the features where those are fewer.
  static constexpr size_t directions_max = 8;

  /// @pre opts.features is above zero and smoothing_rows at least zero.
  explicit subspace_scorer(const options& opts);

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

  /// Returns direction `index`, whose length is the variance along it.
  /// @pre `index` is below the number of directions.
  [[nodiscard]] std::span<const float> direction(size_t index) const {
    return std::span{directions_}.subspan(index * scaled_.size(),
                                          scaled_.size());
  }

private:
  /// Leaves in `rest_` what the directions do not explain.
  double measure(std::span<const double> row);

  void absorb(std::span<const double> row, float weight);

  feature_scaler scaler_;
  score_average average_;
  std::vector<float> scaled_;
  std::vector<float> mean_;
  std::vector<float> rest_;
  std::vector<float> directions_;
  float rows_ = 0.0F;
};

} // namespace starling::detector
