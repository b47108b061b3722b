#include "actors/detector/mahalanobis_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>

namespace starling::detector {

namespace {

constexpr size_t memory_rows = 8000;

/// Above this mean square a row counts less and less; the average row has 1.
constexpr double energy_ordinary = 8.0;

/// Falls fast: twice the ordinary energy already counts next to nothing.
double weight_of(double energy) {
  return 1.0 / (1.0 + std::exp(std::min(energy - energy_ordinary, 50.0)));
}

/// Rows between two looks at the covariance, once it has settled.
constexpr size_t refresh_rows = 256;

/// Early on each row changes much: look after 32, 64, 128, 256, 512 ...
bool refresh_is_due(size_t rows) {
  return rows % refresh_rows == 0 || rows == 32 || rows == 64 || rows == 128;
}

} // namespace

mahalanobis_scorer::mahalanobis_scorer(const options& opts)
  : scaler_{{.features = opts.features}},
    whitener_{{.features = opts.features, .deviation_min = 1.0F}},
    average_{opts.smoothing_rows},
    scaled_(opts.features),
    whitened_(opts.features) {
  // nop
}

void mahalanobis_scorer::learn(std::span<const double> row) {
  average_.note(measure(row));
  absorb(row, 1.0);
}

double mahalanobis_scorer::score(std::span<const double> row) {
  const auto energy = measure(row);
  absorb(row, weight_of(energy));
  return average_.add(energy);
}

size_t mahalanobis_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) - sizeof(whitener_)
         + scaler_.state_bytes() + whitener_.state_bytes()
         + sizeof(float) * (scaled_.size() + whitened_.size());
}

std::vector<feature_share> mahalanobis_scorer::explain() const {
  return largest_shares(whitened_);
}

double mahalanobis_scorer::measure(std::span<const double> row) {
  if (rows_ == 0)
    scaler_.add(row, 1.0);
  scaler_.scale(row, scaled_);
  whitener_.whiten(scaled_, whitened_);
  auto energy = 0.0F;
  for (auto x : whitened_)
    energy += x * x;
  return static_cast<double>(energy) / static_cast<double>(whitened_.size());
}

void mahalanobis_scorer::absorb(std::span<const double> row, double weight) {
  ++rows_;
  if (rows_ > 1)
    scaler_.add(row, weight);
  whitener_.add(scaled_, static_cast<float>(weight)
                           / static_cast<float>(std::min(rows_, memory_rows)));
  if (refresh_is_due(rows_))
    whitener_.refresh();
}

} // namespace starling::detector
