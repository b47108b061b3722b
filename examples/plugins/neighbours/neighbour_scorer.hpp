#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace neighbours {

/// How far is each row from the rows that it resembles most?
///
/// Keeps some rows of the past, drawn by lot, and scores a row by its distance
/// from the k-th nearest of them, in deviations a feature. Among them is a row
/// of any time with the same chance (reservoir sampling), so that memory is
/// fixed and what was usual long ago is not forgotten.
/// Sources: Ramaswamy, Rastogi, Shim, "Efficient algorithms for mining outliers
/// from large data sets", SIGMOD 2000; Vitter, "Random sampling with a
/// reservoir", ACM TOMS 11(1), 1985, algorithm R.
class neighbour_scorer final : public starling::detector::scorer {
public:
  struct settings {
    /// Which neighbour counts, 1 to `rows_max`.
    size_t neighbour = 4;
    /// Rows kept, up to `rows_max`.
    size_t rows = 256;
  };

  static constexpr size_t rows_max = 4096;

  neighbour_scorer(const options& opts, const settings& own);

  void learn(std::span<const double> row) override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return average_.last();
  }

  [[nodiscard]] size_t state_bytes() const override;

  [[nodiscard]] std::vector<starling::detector::feature_share>
  explain() const override;

  [[nodiscard]] starling::detector::feature_range
  usual(size_t feature) const override {
    return scaler_.range_of(feature);
  }

private:
  /// Returns the distance of `scaled_` in deviations, 0 without neighbours.
  double measure();
  /// Notes how the row differs from that one of the kept rows.
  void compare_with(size_t nearest);
  void keep();

  settings own_;
  starling::detector::feature_scaler scaler_;
  starling::detector::score_average average_;
  std::minstd_rand lots_;
  uint64_t seen_ = 0;
  /// Running median of the distances.
  double usual_ = 1.0;
  /// Rows one after the other.
  std::vector<float> kept_;
  std::vector<float> scaled_;
  std::vector<float> apart_;
  std::vector<float> distances_;
};

} // namespace neighbours
