#include "actors/detector/z_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <cmath>

namespace starling::detector {

z_scorer::z_scorer(const options& opts, feature_scaler::options scaling)
  : scaler_{scaling},
    average_{opts.smoothing_rows},
    scaled_(opts.features) {
  // nop
}

void z_scorer::learn(std::span<const double> row) {
  average_.note(measure(row));
}

double z_scorer::score(std::span<const double> row) {
  return average_.add(measure(row));
}

double z_scorer::measure(std::span<const double> row) {
  scaler_.scale(row, scaled_);
  scaler_.add(row, 1.0);
  auto sum = 0.0F;
  for (auto x : scaled_)
    sum += std::abs(x);
  return static_cast<double>(sum) / static_cast<double>(scaled_.size());
}

size_t z_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) + scaler_.state_bytes()
         + sizeof(float) * scaled_.size();
}

std::vector<feature_share> z_scorer::explain() const {
  return largest_shares(scaled_);
}

feature_scaler::options robust_scaling(size_t features) {
  return {.features = features, .memory_rows = 8000.0, .outlier_reach = 3.0};
}

feature_scaler::options ewma_scaling(size_t features) {
  return {.features = features, .memory_rows = 100.0, .outlier_reach = 1e9};
}

} // namespace starling::detector
