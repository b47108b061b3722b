#include "neighbour_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>

namespace neighbours {

namespace {

/// How far one row moves the running median of distances.
constexpr double usual_step = 1.01;

/// Rows farther out than this many times the usual teach nothing.
constexpr double ordinary_max = 3.0;

} // namespace

neighbour_scorer::neighbour_scorer(const options& opts, const settings& own)
  : own_{own},
    scaler_{{.features = opts.features}},
    average_{opts.smoothing_rows},
    lots_{static_cast<std::minstd_rand::result_type>(opts.seed)},
    scaled_(opts.features),
    apart_(opts.features) {
  kept_.reserve(own.rows * opts.features);
  distances_.reserve(own.rows);
}

void neighbour_scorer::learn(std::span<const double> row) {
  scaler_.scale(row, scaled_);
  average_.note(measure());
  scaler_.add(row, 1.0);
  keep();
}

double neighbour_scorer::score(std::span<const double> row) {
  scaler_.scale(row, scaled_);
  const auto distance = measure();
  // What may be an attack shall not become what rows are compared with.
  if (distance <= ordinary_max * usual_ || seen_ < own_.rows) {
    scaler_.add(row, 1.0);
    keep();
  }
  return average_.add(distance);
}

double neighbour_scorer::measure() {
  const auto width = scaled_.size();
  distances_.clear();
  for (size_t from = 0; from < kept_.size(); from += width) {
    auto sum = 0.0F;
    for (size_t i = 0; i < width; ++i) {
      const auto apart = scaled_[i] - kept_[from + i];
      sum += apart * apart;
    }
    distances_.push_back(sum);
  }
  if (distances_.empty())
    return 0.0;
  compare_with(static_cast<size_t>(std::ranges::min_element(distances_)
                                   - distances_.begin()));
  const auto which = std::min(own_.neighbour, distances_.size()) - 1;
  const auto found = distances_.begin() + static_cast<std::ptrdiff_t>(which);
  std::ranges::nth_element(distances_, found);
  const auto result
    = std::sqrt(static_cast<double>(*found) / static_cast<double>(width));
  usual_ *= result > usual_ ? usual_step : 1.0 / usual_step;
  return result;
}

void neighbour_scorer::compare_with(size_t nearest) {
  const auto width = scaled_.size();
  for (size_t i = 0; i < width; ++i)
    apart_[i] = scaled_[i] - kept_[nearest * width + i];
}

void neighbour_scorer::keep() {
  const auto width = scaled_.size();
  ++seen_;
  if (kept_.size() < own_.rows * width) {
    kept_.insert(kept_.end(), scaled_.begin(), scaled_.end());
    return;
  }
  const auto place
    = std::uniform_int_distribution<uint64_t>{0, seen_ - 1}(lots_);
  if (place < own_.rows)
    std::ranges::copy(scaled_, kept_.begin()
                                 + static_cast<std::ptrdiff_t>(place * width));
}

size_t neighbour_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) + scaler_.state_bytes()
         + sizeof(float)
             * (kept_.capacity() + distances_.capacity() + scaled_.size()
                + apart_.size());
}

std::vector<starling::detector::feature_share>
neighbour_scorer::explain() const {
  return starling::detector::largest_shares(apart_);
}

} // namespace neighbours
