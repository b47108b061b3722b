#include "actors/detector/whitener.hpp"

#include "actors/detector/vector_clones.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::detector {

whitener::whitener(const options& opts)
  : features_{opts.features},
    opts_{opts},
    mean_(opts.features),
    covariance_(opts.features * (opts.features + 1) / 2),
    map_(covariance_.size()) {
  assert(opts.features > 0 && opts.features <= features_max);
  assert(opts.ridge > 0.0F);
  assert(opts.deviation_min > 0.0F);
}

STARLING_VECTOR_CLONES void whitener::add(std::span<const float> row,
                                          float gain) {
  assert(row.size() == features_);
  scratch offsets;
  for (size_t i = 0; i < features_; ++i) {
    offsets[i] = row[i] - mean_[i];
    mean_[i] += gain * offsets[i];
  }
  // West (1979): the exact weighted update, where the mean moves too.
  const auto kept = 1.0F - gain;
  auto* out = covariance_.data();
  for (size_t j = 0; j < features_; ++j) {
    const auto* x = offsets.data() + j;
    const auto factor = kept * gain * *x;
    const auto length = features_ - j;
    for (size_t i = 0; i < length; ++i)
      out[i] = kept * out[i] + factor * x[i];
    out += length;
  }
}

void whitener::forget() {
  std::ranges::fill(mean_, 0.0F);
  std::ranges::fill(covariance_, 0.0F);
}

void whitener::refresh() {
  scratch weights;
  for (size_t j = 0; j < features_; ++j)
    weights[j]
      = 1.0F
        / std::max(std::sqrt(std::max(variance(j), 0.0F)), opts_.deviation_min);
  load_correlation(weights);
  factorise();
  invert();
  // The map takes rows in their own units.
  auto* out = map_.data();
  for (size_t j = 0; j < features_; ++j)
    for (size_t i = j; i < features_; ++i)
      *out++ *= weights[j];
}

STARLING_VECTOR_CLONES void whitener::whiten(std::span<const float> row,
                                             std::span<float> out) {
  assert(row.size() == features_ && out.size() == features_);
  std::ranges::fill(out, 0.0F);
  const auto* map = map_.data();
  for (size_t j = 0; j < features_; ++j) {
    const auto x = row[j] - mean_[j];
    auto* y = out.data() + j;
    const auto length = features_ - j;
    for (size_t i = 0; i < length; ++i)
      y[i] += map[i] * x;
    map += length;
  }
}

size_t whitener::state_bytes() const {
  return sizeof(*this)
         + sizeof(float) * (mean_.size() + covariance_.size() + map_.size());
}

/// Fills the map with the ridged correlations, whose diagonal is 1 + ridge;
/// weights are 1 / deviation.
void whitener::load_correlation(const scratch& weights) {
  for (size_t j = 0; j < features_; ++j) {
    const auto start = column(j);
    for (size_t i = j; i < features_; ++i)
      map_[start + i - j]
        = covariance_[start + i - j] * weights[i] * weights[j];
    // One, unless the deviation is at its floor.
    map_[start] = 1.0F + opts_.ridge;
  }
}

/// Cholesky, right-looking, in place.
STARLING_VECTOR_CLONES void whitener::factorise() {
  for (size_t j = 0; j < features_; ++j) {
    auto* pivot = map_.data() + column(j);
    const auto length = features_ - j;
    // Rounding can push a dependent feature below its ridge.
    const auto root = std::sqrt(std::max(*pivot, 0.5F * opts_.ridge));
    *pivot = root;
    for (size_t i = 1; i < length; ++i)
      pivot[i] /= root;
    for (size_t k = 1; k < length; ++k) {
      auto* out = map_.data() + column(j + k);
      const auto factor = pivot[k];
      for (size_t i = k; i < length; ++i)
        out[i - k] -= factor * pivot[i];
    }
  }
}

/// Inverts the lower triangle in place: from the last column to the first,
/// column j of the inverse is -X l / l_jj, where X is the part that is done.
STARLING_VECTOR_CLONES void whitener::invert() {
  for (size_t j = features_; j-- > 0;) {
    auto* mine = map_.data() + column(j);
    const auto length = features_ - j;
    const auto inverse = 1.0F / *mine;
    // X is lower triangular: going upwards, row i still needs the old values
    // of rows 1 to i only.
    for (size_t i = length; i-- > 1;) {
      auto sum = 0.0F;
      for (size_t k = 1; k <= i; ++k)
        sum += map_[column(j + k) + i - k] * mine[k];
      mine[i] = -inverse * sum;
    }
    *mine = inverse;
  }
}

} // namespace starling::detector
