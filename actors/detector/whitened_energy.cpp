#include "actors/detector/whitened_energy.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::detector {

namespace {

/// Rows between two looks at the covariance, once it has settled.
constexpr size_t refresh_rows = 256;

/// Moments are worth learning once the whitening is halfway right.
constexpr size_t moments_after_rows = 128;

/// Smallest gain: keeps floats out of the denormal range.
constexpr float gain_min = 1e-9F;

/// Far beyond any memory, and floats still count on by ones.
constexpr float counted_max = 1e7F;

/// Early on each row changes much: look after 32, 64, 128, 256, 512 ...
bool refresh_is_due(size_t rows) {
  return rows % refresh_rows == 0 || rows == 32 || rows == 64 || rows == 128;
}

} // namespace

whitened_energy::whitened_energy(const options& opts)
  : opts_{opts},
    whitener_{opts.whitening},
    components_(opts.whitening.features),
    moments_(opts.whitening.features,
             opts.tail_ordinary * opts.tail_ordinary * opts.tail_ordinary),
    tamers_(opts.whitening.features, 1.0F) {
  assert(opts.memory_rows >= 1.0F);
  assert(opts.tail_ordinary > 0.0F);
}

double whitened_energy::measure(std::span<const float> row) {
  whitener_.whiten(row, components_);
  auto energy = 0.0F;
  for (size_t i = 0; i < components_.size(); ++i) {
    components_[i] *= tamers_[i];
    energy += components_[i] * components_[i];
  }
  return static_cast<double>(energy) / static_cast<double>(components_.size());
}

void whitened_energy::learn(std::span<const float> row, const weights& how) {
  ++rows_;
  // As floats, ones would be lost in a count of 2^24; memory is shorter.
  counted_ = std::min(counted_ + how.count, counted_max);
  const auto gain = [&](float weight, float known) {
    return std::min(1.0F,
                    how.count * weight / std::min(known, opts_.memory_rows));
  };
  whitener_.add(row, std::max(gain(how.relations, counted_), gain_min));
  const auto known
    = counted_ - static_cast<float>(moments_after_rows) * how.count;
  if (rows_ > moments_after_rows && known > 0.0F) {
    const auto step = gain(how.tails, known);
    for (size_t i = 0; i < moments_.size(); ++i) {
      const auto x = std::abs(components_[i] / tamers_[i]);
      moments_[i] += step * (x * x * x - moments_[i]);
    }
  }
  if (refresh_is_due(rows_))
    refresh();
}

size_t whitened_energy::state_bytes() const {
  return sizeof(*this) - sizeof(whitener_) + whitener_.state_bytes()
         + sizeof(float)
             * (components_.size() + moments_.size() + tamers_.size());
}

void whitened_energy::refresh() {
  whitener_.refresh();
  for (size_t i = 0; i < moments_.size(); ++i)
    tamers_[i] = std::min(1.0F, opts_.tail_ordinary / std::cbrt(moments_[i]));
}

} // namespace starling::detector
