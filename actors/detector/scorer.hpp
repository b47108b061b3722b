#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace starling::detector {

/// How much one feature added to a score.
struct feature_share {
  /// Index into the row.
  size_t feature = 0;
  /// Part of the score that this feature explains, in (0, 1].
  double share = 0.0;
};

/// How strange is each row of one agent's behaviour, given the rows before it?
///
/// A row is a vector of measurements in any unit; NaN (and infinity) means
/// missing. All scorers stream: a score looks at rows up to its own and never
/// ahead, memory is bounded, and `score` does not allocate.
/// Training rows may hold anomalies, constant features and gaps.
///
/// A raw score ranks; it is no probability. `calibrator` turns it into a level.
class scorer {
public:
  struct options {
    /// Length of every row, 1 to `features_max`.
    size_t features = 0;
    /// Half-life, in rows, of the causal average over the scores; 0 switches
    /// it off. Long incidents are ranked better with it, short ones and the
    /// first rows of each are seen later: about this many rows of delay.
    /// Negative: the scorer's own default (see `make_scorer`).
    double smoothing_rows = -1.0;
    /// Where a scorer draws lots, they follow from this. Who would poison its
    /// training must not know it.
    uint64_t seed = 1;
  };

  /// More features than this are refused: state grows with their square.
  static constexpr size_t features_max = 512;

  /// Most entries that `explain` returns.
  static constexpr size_t shares_max = 8;

  virtual ~scorer();

  /// Takes a training row; rows come in the order of time.
  /// @pre `row.size()` equals the number of features.
  virtual void learn(std::span<const double> row) = 0;

  /// Says that the training is over: lets go what only training needs. The
  /// first `score` does so too, and takes that much longer.
  virtual void settle() {
    // nop
  }

  /// Returns the raw strangeness of `row`, finite and >= 0, given all rows up
  /// to it, and then learns from the row as far as it looks normal.
  /// @pre `row.size()` equals the number of features.
  virtual double score(std::span<const double> row) = 0;

  /// Returns what the row that was learned or scored last scores by itself,
  /// before any average over rows: what a `calibrator` is seeded with and asks
  /// about, since an average tells short incidents late and holds on to them
  /// afterwards. Zero before the first row; the first few hundred mean little.
  /// NaN after a training row that was not believed.
  [[nodiscard]] virtual double instant_score() const = 0;

  /// Returns the bytes this scorer holds, without allocator overhead. Fixed,
  /// once the training is over.
  [[nodiscard]] virtual size_t state_bytes() const = 0;

  /// Returns which features made the last score, largest share first, at most
  /// `shares_max`. Empty before the first score and where nothing stands out.
  [[nodiscard]] virtual std::vector<feature_share> explain() const = 0;

  /// Returns what is usual for a feature, given the rows so far.
  [[nodiscard]] virtual feature_range usual(size_t feature) const = 0;
};

/// Returns the names `make_scorer` knows, the best one first.
[[nodiscard]] std::span<const std::string_view> names();

/// Makes a scorer. Names and their default smoothing in rows:
/// - "flock" (12): whitened energies of the row, its averages and its changes;
/// - "mahalanobis" (0): distance from the running mean under the running,
///   ridged covariance;
/// - "pca" (0): what the leading principal components leave of a row;
/// - "loda" (0): rarity in random projections;
/// - "half-space-trees" (0): lack of mass in random halvings of the space;
/// - "robust-z" (0): mean distance of the features from their medians;
/// - "ewma-z" (0): mean distance from exponential averages.
/// Errors: unknown_name, invalid_option.
[[nodiscard]] result<std::unique_ptr<scorer>>
make_scorer(std::string_view name, const scorer::options& opts);

} // namespace starling::detector
