#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace starling::detector {

/// Makes correlated features comparable: keeps their running mean and
/// covariance, and maps a row to components that are uncorrelated and have
/// unit variance as long as the rows stay what they were. The squared length
/// of the result is the squared Mahalanobis distance.
///
/// The map is L^-1, where L L^T is the ridged covariance. It is worked out anew
/// every few rows (`refresh`), not on each: that costs n^3, all else n^2. Both
/// matrices are lower triangles packed by column, so that the inner loops run
/// over neighbours in memory and a compiler can use vector instructions without
/// reordering sums. Floats do: the ridge bounds the condition.
///
/// Why not update the inverse itself (Sherman-Morrison): it drifts, loses
/// definiteness under forgetting, and can't hold a ridge.
class whitener {
public:
  static constexpr size_t features_max = 512;

  struct options {
    size_t features = 0;
    /// Added to the variance of every feature, as a part of that variance.
    float ridge = 1e-3F;
    /// Least standard deviation of a feature, in its unit. Features that never
    /// moved have this one.
    float deviation_min = 1e-6F;
  };

  /// @pre features, up to `features_max`, ridge and deviation_min are above
  /// zero.
  explicit whitener(const options& opts);

  /// Moves mean and covariance towards `row` by the part `gain`, in (0, 1].
  /// @pre all values of `row` are finite.
  void add(std::span<const float> row, float gain);

  /// Forgets mean and covariance, not the map.
  void forget();

  /// Works out the map from the present covariance. Time O(features^3).
  void refresh();

  /// Writes the whitened `row` to `out`. Zero before the first `refresh`.
  void whiten(std::span<const float> row, std::span<float> out);

  [[nodiscard]] std::span<const float> mean() const {
    return mean_;
  }

  /// Returns the variance of feature `index`.
  [[nodiscard]] float variance(size_t index) const {
    return covariance_[column(index)];
  }

  [[nodiscard]] size_t state_bytes() const;

private:
  /// Returns where column `index` of a packed triangle starts, its diagonal.
  [[nodiscard]] size_t column(size_t index) const {
    return index * features_ - index * (index - 1) / 2;
  }

  /// A number a feature, for the call that runs: on the stack, since agents are
  /// many. To fill all of it with zeros first would cost a tenth of a row.
  using scratch = std::array<float, features_max>;

  void load_correlation(const scratch& weights);

  void factorise();

  void invert();

  size_t features_;
  options opts_;
  std::vector<float> mean_;
  std::vector<float> covariance_;
  std::vector<float> map_;
};

} // namespace starling::detector
