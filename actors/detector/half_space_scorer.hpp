#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"

#include <cstdint>

namespace starling::detector {

/// Half-space trees: how many of the last rows fell where this one falls?
///
/// Each tree halves the space again and again, at a random feature, without
/// looking at data. Rows of a window are counted in each half on their way
/// down; the next window's rows are judged by these counts: a row's mass is its
/// deepest half's count times the number of such halves. Where few rows were,
/// mass is low. All costs are fixed; learning is counting.
///
/// Features are taken in their running deviations and squeezed into (0, 1),
/// since the trees want a bounded space. Fewer and shallower trees than in the
/// paper (25 of depth 15), which would need megabytes an agent. A yardstick.
///
/// Source: Tan, Ting, Liu, "Fast anomaly detection for streaming data", IJCAI
/// 2011, sections 2 and 3.
class half_space_scorer final : public scorer {
public:
  static constexpr size_t trees = 12;
  static constexpr size_t depth = 6;
  /// Rows that are counted before they are judged by.
  static constexpr size_t window_rows = 250;

  /// @pre opts.features is above zero and smoothing_rows at least zero.
  explicit half_space_scorer(const options& opts);

  void learn(std::span<const double> row) override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return average_.last();
  }

  [[nodiscard]] size_t state_bytes() const override;

  /// Mass has no parts: always empty.
  [[nodiscard]] std::vector<feature_share> explain() const override;

  [[nodiscard]] feature_range usual(size_t feature) const override {
    return scaler_.range_of(feature);
  }

  /// Returns the mass of the row that came last, on average over the trees, in
  /// windows: 1 where rows are spread evenly, 0 where none was.
  [[nodiscard]] double mass() const {
    return mass_;
  }

private:
  struct half {
    float split = 0.5F;
    uint16_t feature = 0;
    /// Rows of the window before, and of this one; at most `window_rows`.
    uint8_t before = 0;
    uint8_t now = 0;
  };

  static constexpr size_t halves = (size_t{2} << depth) - 1;

  void grow(uint64_t seed);

  double take(std::span<const double> row);

  double descend(std::span<half> tree);

  feature_scaler scaler_;
  score_average average_;
  std::vector<float> place_;
  /// Tree after tree; the children of half i are 2 i + 1 and 2 i + 2.
  std::vector<half> halves_;
  size_t in_window_ = 0;
  double mass_ = 0.0;
};

} // namespace starling::detector
