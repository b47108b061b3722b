#include "actors/detector/loda_scorer.hpp"

#include "actors/detector/largest_shares.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace starling::detector {

namespace {

/// Deviations that the bins cover either way; the outer bins reach on.
constexpr float reach = 8.0F;

size_t bin_of(float value) {
  const auto place = (std::clamp(value, -reach, reach) + reach) / (2.0F * reach)
                     * static_cast<float>(loda_scorer::bins);
  return std::min(static_cast<size_t>(place), loda_scorer::bins - 1);
}

} // namespace

loda_scorer::loda_scorer(const options& opts)
  : scaler_{{.features = opts.features}},
    average_{opts.smoothing_rows},
    scaled_(opts.features),
    terms_per_view_{static_cast<size_t>(
      std::ceil(std::sqrt(static_cast<double>(opts.features))))},
    terms_(views * terms_per_view_),
    counts_(views * bins),
    rarities_(views) {
  draw(opts.seed);
}

/// Features without repetition, normal factors, each view brought to length 1.
void loda_scorer::draw(uint64_t seed) {
  auto lots = std::mt19937_64{seed};
  const auto normal = [&] {
    auto sum = -6.0F;
    for (auto i = 0; i < 12; ++i)
      sum += static_cast<float>(lots() >> 40U) * 0x1p-24F;
    return sum;
  };
  auto order = std::vector<uint16_t>(scaled_.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = static_cast<uint16_t>(i);
  for (size_t v = 0; v < views; ++v) {
    auto squares = 0.0F;
    const auto view
      = std::span{terms_}.subspan(v * terms_per_view_, terms_per_view_);
    for (size_t i = 0; i < view.size(); ++i) {
      std::swap(order[i], order[i + lots() % (order.size() - i)]);
      view[i] = {.factor = normal(), .feature = order[i]};
      squares += view[i].factor * view[i].factor;
    }
    for (auto& each : view)
      each.factor /= std::sqrt(std::max(squares, 1e-12F));
  }
}

void loda_scorer::learn(std::span<const double> row) {
  average_.note(take(row));
}

double loda_scorer::score(std::span<const double> row) {
  return average_.add(take(row));
}

double loda_scorer::take(std::span<const double> row) {
  scaler_.scale(row, scaled_);
  scaler_.add(row, 1.0);
  auto sum = 0.0F;
  for (size_t v = 0; v < views; ++v) {
    auto seen = 0.0F;
    for (size_t i = 0; i < terms_per_view_; ++i) {
      const auto& each = terms_[v * terms_per_view_ + i];
      seen += each.factor * scaled_[each.feature];
    }
    // One more row in each bin: nothing is impossible.
    auto& count = counts_[v * bins + bin_of(seen)];
    rarities_[v]
      = std::log((total_ + static_cast<float>(bins)) / (count + 1.0F));
    sum += rarities_[v];
    count += 1.0F;
  }
  total_ += 1.0F;
  if (total_ >= rows_max)
    halve();
  return static_cast<double>(sum) / static_cast<double>(views);
}

void loda_scorer::halve() {
  for (auto& count : counts_)
    count *= 0.5F;
  total_ *= 0.5F;
}

size_t loda_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) + scaler_.state_bytes()
         + sizeof(term) * terms_.size()
         + sizeof(float) * (scaled_.size() + counts_.size() + rarities_.size());
}

std::vector<feature_share> loda_scorer::explain() const {
  auto all = 0.0F;
  auto sums = std::vector<float>(scaled_.size());
  auto uses = std::vector<float>(scaled_.size());
  for (size_t v = 0; v < views; ++v) {
    all += rarities_[v];
    for (size_t i = 0; i < terms_per_view_; ++i) {
      const auto feature = terms_[v * terms_per_view_ + i].feature;
      sums[feature] += rarities_[v];
      uses[feature] += 1.0F;
    }
  }
  const auto count = static_cast<float>(views);
  for (size_t i = 0; i < sums.size(); ++i) {
    const auto known = uses[i] > 0.0F && uses[i] < count;
    const auto gap
      = known ? sums[i] / uses[i] - (all - sums[i]) / (count - uses[i]) : 0.0F;
    sums[i] = std::max(gap, 0.0F);
  }
  return largest_shares(sums);
}

} // namespace starling::detector
