#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"
#include "actors/detector/whitener.hpp"

namespace starling::detector {

/// The classic: squared distance of a row from the running mean under the
/// running covariance, per feature.
///
/// Memory is a few thousand rows. Training rows all count the same, since
/// bursts are part of normal behaviour. Later a row far beyond the ordinary
/// hardly counts: otherwise the first incident would widen the covariance until
/// the next one fits in. A yardstick for better scorers.
///
/// Source: Mahalanobis, "On the generalised distance in statistics", 1936.
class mahalanobis_scorer final : public scorer {
public:
  /// @pre opts.features is above zero and smoothing_rows at least zero.
  explicit mahalanobis_scorer(const options& opts);

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
  void absorb(std::span<const double> row, double weight);

  /// Returns the mean square of the whitened row.
  double measure(std::span<const double> row);

  feature_scaler scaler_;
  whitener whitener_;
  score_average average_;
  std::vector<float> scaled_;
  std::vector<float> whitened_;
  size_t rows_ = 0;
};

} // namespace starling::detector
