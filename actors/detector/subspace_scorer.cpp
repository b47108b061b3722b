#include "actors/detector/subspace_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace starling::detector {

namespace {

constexpr float memory_rows = 8000.0F;

/// How much more new rows count than old ones while few are known.
constexpr float haste = 2.0F;

/// Above this mean square a row counts less and less.
constexpr double energy_ordinary = 8.0;

constexpr float length_min = 1e-12F;

float product(std::span<const float> x, std::span<const float> y) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0F);
}

size_t directions_for(size_t features) {
  return std::clamp<size_t>(features / 3, 1, subspace_scorer::directions_max);
}

} // namespace

subspace_scorer::subspace_scorer(const options& opts)
  : scaler_{{.features = opts.features}},
    average_{opts.smoothing_rows},
    scaled_(opts.features),
    mean_(opts.features),
    rest_(opts.features),
    directions_(opts.features * directions_for(opts.features)) {
  // nop
}

void subspace_scorer::learn(std::span<const double> row) {
  average_.note(measure(row));
  absorb(row, 1.0F);
}

double subspace_scorer::score(std::span<const double> row) {
  const auto energy = measure(row);
  const auto excess = std::min(energy - energy_ordinary, 50.0);
  absorb(row, static_cast<float>(1.0 / (1.0 + std::exp(excess))));
  return average_.add(energy);
}

double subspace_scorer::measure(std::span<const double> row) {
  if (rows_ == 0.0F)
    scaler_.add(row, 1.0);
  scaler_.scale(row, scaled_);
  for (size_t i = 0; i < rest_.size(); ++i)
    rest_[i] = scaled_[i] - mean_[i];
  const auto width = rest_.size();
  for (size_t k = 0; k * width < directions_.size(); ++k) {
    const auto along = direction(k);
    const auto square = product(along, along);
    const auto part = product(rest_, along) / std::max(square, length_min);
    for (size_t i = 0; i < width; ++i)
      rest_[i] -= part * along[i];
  }
  return static_cast<double>(product(rest_, rest_))
         / static_cast<double>(width);
}

void subspace_scorer::absorb(std::span<const double> row, float weight) {
  if (rows_ > 0.0F)
    scaler_.add(row, static_cast<double>(weight));
  rows_ = std::min(rows_ + 1.0F, memory_rows);
  const auto gain = weight * std::min(1.0F, (1.0F + haste) / rows_);
  const auto width = scaled_.size();
  auto& left = scaled_;
  for (size_t i = 0; i < width; ++i) {
    left[i] -= mean_[i];
    mean_[i] += weight / rows_ * left[i];
  }
  for (size_t k = 0; k * width < directions_.size(); ++k) {
    const auto along = std::span{directions_}.subspan(k * width, width);
    const auto length = std::sqrt(product(along, along));
    // The first row that says anything is the first direction.
    const auto part = length > length_min ? product(left, along) / length
                                          : std::sqrt(product(left, left));
    for (size_t i = 0; i < width; ++i)
      along[i] += gain * (part * left[i] - along[i]);
    const auto square = product(along, along);
    const auto taken = product(left, along) / std::max(square, length_min);
    for (size_t i = 0; i < width; ++i)
      left[i] -= taken * along[i];
  }
}

size_t subspace_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) + scaler_.state_bytes()
         + sizeof(float)
             * (scaled_.size() + mean_.size() + rest_.size()
                + directions_.size());
}

std::vector<feature_share> subspace_scorer::explain() const {
  return largest_shares(rest_);
}

} // namespace starling::detector
