#pragma once

#include "actors/detector/whitener.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace starling::detector {

/// How much energy a row has after whitening, with spiky components held back.
///
/// A component that is quiet for days and then jumps by thirty deviations, and
/// does so as a habit, would drown all others. So each component is divided by
/// its cube-root third absolute moment where that is above what a normal
/// distribution gives by a margin: heavy tails cost weight, light ones nothing.
class whitened_energy {
public:
  struct options {
    whitener::options whitening;
    /// Rows after which the past counts a third.
    float memory_rows = 12000.0F;
    /// Cube-root third absolute moment up to which a component keeps its full
    /// weight; a normal distribution has 1.17.
    float tail_ordinary = 1.25F;
  };

  /// @pre as for `whitener`.
  explicit whitened_energy(const options& opts);

  /// Returns the mean square of the whitened and tamed components of `row`, 1
  /// or less for ordinary rows. Zero for the first few rows.
  double measure(std::span<const float> row);

  /// How much a row counts.
  struct weights {
    /// For the covariance, in [0, 1].
    float relations = 1.0F;
    /// For the tails, in [0, 1].
    float tails = 1.0F;
    /// Rows that it stands for, 1 or more: those of a sample stand for many.
    float count = 1.0F;
  };

  /// Learns the row that was measured last.
  void learn(std::span<const float> row, const weights& how);

  /// Works out whitening and tails from what is known now. `learn` does so
  /// every few rows.
  void refresh();

  /// Returns the components of the row that was measured last.
  [[nodiscard]] std::span<const float> components() const {
    return components_;
  }

  [[nodiscard]] size_t state_bytes() const;

private:
  options opts_;
  whitener whitener_;
  std::vector<float> components_;
  /// Third absolute moments of the whitened components.
  std::vector<float> moments_;
  /// What each component is multiplied with, at most 1.
  std::vector<float> tamers_;
  /// Rows learned, and rows they stand for.
  size_t rows_ = 0;
  float counted_ = 0.0F;
};

} // namespace starling::detector
