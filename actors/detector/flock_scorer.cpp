#include "actors/detector/flock_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace starling::detector {

namespace {

/// Half-life of the average absolute change.
constexpr double pace_rows = 1.5;

/// Changes well below this, in deviations, count as standing still.
constexpr float pace_floor = 0.4F;

/// What a unit of volatility energy counts beside one of value energy, and how
/// much of it counts at most.
constexpr double volatility_weight = 3.0;
constexpr double volatility_max = 8.0;

/// How much longer than values volatilities are remembered.
constexpr double volatility_slower = 3.0;

/// Above this many times the usual value energy a row teaches less and less.
constexpr double energy_ordinary = 8.0;

/// What a scored row counts beside a training row, of which more is known.
constexpr double scored_weight = 0.75;

/// How far one row moves the usual energy, a running median. Slow, so that an
/// incident of a day does not become usual; not zero, or a service that has
/// changed for good would be strange for ever. Doubles in 3,500 rows at most.
constexpr double usual_step = 1.0002;

constexpr double usual_max = 1e6;

/// How much quicker the quick average is, and what it counts.
constexpr double fresh_quicker = 4.0;
constexpr double fresh_share = 0.7;

/// What the row itself counts: an anomaly of one row stands out from its own
/// traces in the averages.
constexpr double instant_share = 0.4;

/// Until so many rows have told the scale of the features, most are far out on
/// it. What they say of how features belong together is cut at `unscaled_max`
/// deviations: in full it would fade with a thousandth a row for thousands of
/// rows, in which scores rise and alarms are half as many again as promised.
constexpr size_t scale_rows = 32;
constexpr float unscaled_max = 1.0F;

/// Rows that all count: nothing is known yet that they could be held against.
constexpr size_t rows_min = 200;

/// Training begins anew where the guard takes back what it said of more than
/// this part of the rows.
constexpr double mind_changed = 0.2;

feature_scaler::options scaling(size_t features) {
  return {.features = features,
          .memory_rows = 2000.0,
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
  : seed_{opts.seed},
    scaler_{scaling(opts.features)},
    values_{value_whitening(opts.features)},
    volatilities_{volatility_whitening(opts.features)},
    value_average_{opts.smoothing_rows},
    volatility_average_{volatility_slower * opts.smoothing_rows},
    fresh_{opts.smoothing_rows / fresh_quicker},
    volatility_gain_{1.0 - std::exp2(-1.0 / pace_rows)},
    scaled_(opts.features),
    pace_(opts.features),
    log_pace_(opts.features) {
  // nop
}

void flock_scorer::learn(std::span<const double> row) {
  if (settled_) {
    take(row, {});
    return;
  }
  if (!guard_)
    guard_ = std::make_unique<training_guard>(
      training_guard::options{.features = scaled_.size(), .seed = seed_});
  instant_ = std::numeric_limits<double>::quiet_NaN();
  // Rows before the first judgement wait in the sample.
  take(row, guard_->add(row));
  if (guard_->changed() > mind_changed)
    learn_sample();
}

void flock_scorer::settle() {
  settled_ = true;
  if (!guard_)
    return;
  guard_->renew();
  if (guard_->changed() > mind_changed)
    learn_sample();
  guard_.reset();
}

double flock_scorer::score(std::span<const double> row) {
  if (!settled_)
    settle();
  scaler_.follow_units(row);
  const auto seen = measure(row);
  const auto weight = rows_ < rows_min ? 1.0 : weight_of(seen.value, usual_);
  absorb(row, {.ranges = weight, .relations = weight});
  instant_ = seen.sum();
  const auto slow
    = value_average_.add(seen.value) + volatility_average_.add(seen.volatility);
  return std::max(
    {slow, fresh_share * fresh_.add(instant_), instant_share * instant_});
}

size_t flock_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) - sizeof(values_)
         - sizeof(volatilities_) + scaler_.state_bytes() + values_.state_bytes()
         + volatilities_.state_bytes()
         + sizeof(float) * (scaled_.size() + pace_.size() + log_pace_.size())
         + (guard_ ? guard_->state_bytes() : 0);
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
  log_pace_ = scaled_;
  scale(row);
  follow_changes();
  const auto energy = values_.measure(scaled_);
  follow_usual(energy);
  const auto volatility = volatilities_.measure(log_pace_);
  return {energy, volatility_weight * std::min(volatility, volatility_max)};
}

void flock_scorer::scale(std::span<const double> row) {
  if (rows_ == 0)
    scaler_.add(row, 1.0);
  scaler_.scale(row, scaled_);
}

void flock_scorer::follow_usual(double energy) {
  usual_ *= energy > usual_ ? usual_step : 1.0 / usual_step;
  usual_ = std::clamp(usual_, 1.0, usual_max);
}

/// Until here the pace buffer holds the row before.
void flock_scorer::follow_changes() {
  const auto gain = static_cast<float>(volatility_gain_);
  for (size_t i = 0; i < scaled_.size(); ++i) {
    const auto change = std::abs(scaled_[i] - log_pace_[i]);
    pace_[i] += gain * (change - pace_[i]);
    log_pace_[i] = std::log(pace_[i] + pace_floor);
  }
}

void flock_scorer::absorb(std::span<const double> row, const row_trust& trust) {
  ++rows_;
  if (rows_ > 1)
    scaler_.add(row, trust.ranges);
  learn_value(trust, 1.0);
  if (rows_ <= scale_rows)
    return;
  const auto relations = static_cast<float>(trust.relations);
  volatilities_.learn(log_pace_, {.relations = relations, .tails = relations});
}

void flock_scorer::learn_value(const row_trust& trust, double count) {
  if (rows_ <= scale_rows)
    for (auto& x : scaled_)
      x = std::clamp(x, -unscaled_max, unscaled_max);
  values_.learn(scaled_, {.relations = static_cast<float>(trust.relations),
                          .tails = static_cast<float>(trust.ranges),
                          .count = static_cast<float>(count)});
}

// -- training -----------------------------------------------------------------

/// A row that is not believed is as good as none: what follows it has not
/// changed from there.
void flock_scorer::take(std::span<const double> row, const row_trust& trust) {
  if (!trust.believed())
    return;
  const auto seen = measure(row);
  instant_ = seen.sum();
  absorb(row, trust);
}

void flock_scorer::learn_sample() {
  const auto& sample = guard_->sample();
  forget();
  guard_->accept();
  // Until it is full, the sample is the stream.
  if (!sample.full()) {
    for (size_t i = 0; i < sample.size(); ++i)
      take(sample[i], guard_->judge(sample[i]));
    return;
  }
  const auto count = std::max(1.0, static_cast<double>(sample.seen())
                                     / static_cast<double>(2 * sample.size()));
  // Twice: what belongs together must be known before tails can be.
  for (auto round = 0; round < 2; ++round) {
    for (size_t i = 0; i < sample.size(); ++i)
      take_alone(sample[i], guard_->judge(sample[i]), count);
    values_.refresh();
  }
}

void flock_scorer::take_alone(std::span<const double> row,
                              const row_trust& trust, double count) {
  if (!trust.believed())
    return;
  scale(row);
  values_.measure(scaled_);
  ++rows_;
  scaler_.add(row, trust.ranges, count);
  learn_value(trust, count);
}

void flock_scorer::forget() {
  rows_ = 0;
  scaler_ = feature_scaler{scaling(scaled_.size())};
  values_ = whitened_energy{value_whitening(scaled_.size())};
}

} // namespace starling::detector
