#include "actors/detector/flock_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>

namespace starling::detector {

namespace {

/// Half-life of the average absolute change.
constexpr double pace_rows = 1.5;

/// Changes well below this, in deviations, count as standing still.
constexpr float pace_floor = 0.4F;

/// What a unit of volatility energy counts beside one of value energy.
constexpr double volatility_weight = 2.5;

/// Above this many times the usual value energy a row teaches less and less.
constexpr double energy_ordinary = 8.0;

/// What a scored row counts beside a training row, of which more is known.
constexpr double scored_weight = 0.75;

/// How far one row moves the usual energy, a running median. Slow, so that an
/// incident of a day does not become usual; not zero, or a service that has
/// changed for good would be strange for ever. Doubles in 3,500 rows at most.
constexpr double usual_step = 1.0002;

constexpr double usual_max = 1e6;

/// Rows that all count: nothing is known yet that they could be held against.
constexpr size_t rows_min = 200;

feature_scaler::options scaling(size_t features) {
  return {.features = features,
          .memory_rows = 3000.0,
          .outlier_reach = 20.0,
          .reach_max = 22.0,
          .deviation_min = 5e-3};
}

whitened_energy::options value_whitening(size_t features) {
  return {.whitening
          = {.features = features, .ridge = 2e-3F, .deviation_min = 1.0F}};
}

whitened_energy::options volatility_whitening(size_t features) {
  return {.whitening
          = {.features = features, .ridge = 0.25F, .deviation_min = 0.06F}};
}

/// Falls fast: somewhat above the limit already counts next to nothing.
double weight_of(double energy, double usual) {
  const auto excess = energy - energy_ordinary * usual;
  return scored_weight / (1.0 + std::exp(std::min(excess, 50.0)));
}

} // namespace

flock_scorer::flock_scorer(const options& opts)
  : scaler_{scaling(opts.features)},
    values_{value_whitening(opts.features)},
    volatilities_{volatility_whitening(opts.features)},
    average_{opts.smoothing_rows},
    volatility_gain_{1.0 - std::exp2(-1.0 / pace_rows)},
    scaled_(opts.features),
    previous_(opts.features),
    pace_(opts.features),
    log_pace_(opts.features) {
  // nop
}

void flock_scorer::learn(std::span<const double> row) {
  const auto seen = measure(row);
  average_.note(seen.value + volatility_weight * seen.volatility);
  absorb(row, 1.0);
}

double flock_scorer::score(std::span<const double> row) {
  const auto seen = measure(row);
  absorb(row, rows_ < rows_min ? 1.0 : weight_of(seen.value, usual_));
  return average_.add(seen.value + volatility_weight * seen.volatility);
}

size_t flock_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) - sizeof(values_)
         - sizeof(volatilities_) + scaler_.state_bytes() + values_.state_bytes()
         + volatilities_.state_bytes()
         + sizeof(float)
             * (scaled_.size() + previous_.size() + pace_.size()
                + log_pace_.size());
}

std::vector<feature_share> flock_scorer::explain() const {
  auto amplitudes = std::vector<float>(scaled_.size());
  for (size_t i = 0; i < amplitudes.size(); ++i) {
    const auto value = values_.components()[i];
    const auto volatility = volatilities_.components()[i];
    amplitudes[i] = std::sqrt(value * value
                              + static_cast<float>(volatility_weight)
                                  * volatility * volatility);
  }
  return largest_shares(amplitudes);
}

flock_scorer::energies flock_scorer::measure(std::span<const double> row) {
  if (rows_ == 0)
    scaler_.add(row, 1.0);
  scaler_.scale(row, scaled_);
  if (rows_ == 0)
    previous_ = scaled_;
  follow_changes();
  const auto energy = values_.measure(scaled_);
  follow_usual(energy);
  return {energy, volatilities_.measure(log_pace_)};
}

void flock_scorer::follow_usual(double energy) {
  usual_ *= energy > usual_ ? usual_step : 1.0 / usual_step;
  usual_ = std::clamp(usual_, 1.0, usual_max);
}

void flock_scorer::follow_changes() {
  const auto gain = static_cast<float>(volatility_gain_);
  for (size_t i = 0; i < scaled_.size(); ++i) {
    const auto change = std::abs(scaled_[i] - previous_[i]);
    pace_[i] += gain * (change - pace_[i]);
    log_pace_[i] = std::log(pace_[i] + pace_floor);
  }
  previous_ = scaled_;
}

void flock_scorer::absorb(std::span<const double> row, double weight) {
  ++rows_;
  if (rows_ > 1)
    scaler_.add(row, weight);
  values_.learn(scaled_, static_cast<float>(weight));
  volatilities_.learn(log_pace_, static_cast<float>(weight));
}

} // namespace starling::detector
