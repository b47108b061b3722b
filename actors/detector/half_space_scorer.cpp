#include "actors/detector/half_space_scorer.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace starling::detector {

namespace {

/// A half with less than this part of a window is not entered deeper.
constexpr size_t rows_min = half_space_scorer::window_rows / 10;

/// What a mass of zero scores, as one over it.
constexpr double mass_floor = 1.0 / 64.0;

} // namespace

half_space_scorer::half_space_scorer(const options& opts)
  : scaler_{{.features = opts.features}},
    average_{opts.smoothing_rows},
    place_(opts.features),
    halves_(trees * halves) {
  static_assert(window_rows <= 255, "counts are bytes");
  grow(opts.seed);
}

/// Each tree has a space of its own around the unit cube, so that splits of
/// different trees fall on different places.
void half_space_scorer::grow(uint64_t seed) {
  auto lots = std::mt19937_64{seed};
  const auto lot = [&] { return static_cast<float>(lots() >> 40U) * 0x1p-24F; };
  const auto features = place_.size();
  auto low = std::vector<std::vector<float>>(halves);
  auto high = low;
  for (size_t t = 0; t < trees; ++t) {
    low[0].resize(features);
    high[0].resize(features);
    for (size_t i = 0; i < features; ++i) {
      const auto middle = lot();
      const auto reach = 2.0F * std::max(middle, 1.0F - middle);
      low[0][i] = middle - reach;
      high[0][i] = middle + reach;
    }
    for (size_t n = 0; n < halves; ++n) {
      auto& node = halves_[t * halves + n];
      node.feature = static_cast<uint16_t>(lots() % features);
      node.split = 0.5F * (low[n][node.feature] + high[n][node.feature]);
      if (2 * n + 2 >= halves)
        continue;
      low[2 * n + 1] = low[2 * n + 2] = low[n];
      high[2 * n + 1] = high[2 * n + 2] = high[n];
      high[2 * n + 1][node.feature] = node.split;
      low[2 * n + 2][node.feature] = node.split;
    }
  }
}

void half_space_scorer::learn(std::span<const double> row) {
  average_.note(take(row));
}

double half_space_scorer::score(std::span<const double> row) {
  return average_.add(take(row));
}

double half_space_scorer::take(std::span<const double> row) {
  scaler_.scale(row, place_);
  scaler_.add(row, 1.0);
  for (auto& x : place_)
    x = 0.5F + 0.5F * x / (1.0F + std::abs(x));
  mass_ = 0.0;
  for (size_t t = 0; t < trees; ++t)
    mass_ += descend(std::span{halves_}.subspan(t * halves, halves));
  mass_ /= static_cast<double>(trees * window_rows);
  if (++in_window_ == window_rows) {
    in_window_ = 0;
    for (auto& node : halves_) {
      node.before = node.now;
      node.now = 0;
    }
  }
  return 1.0 / (mass_floor + mass_);
}

/// Counts the row all the way down, and returns the mass where it settles.
double half_space_scorer::descend(std::span<half> tree) {
  auto index = size_t{0};
  auto halvings = 1.0;
  auto mass = -1.0;
  while (true) {
    auto& node = tree[index];
    ++node.now;
    const auto leaf = 2 * index + 2 >= tree.size();
    if (mass < 0.0 && (leaf || node.before <= rows_min))
      mass = node.before * halvings;
    if (leaf)
      return mass;
    index = 2 * index + (place_[node.feature] < node.split ? 1 : 2);
    halvings *= 2.0;
  }
}

size_t half_space_scorer::state_bytes() const {
  return sizeof(*this) - sizeof(scaler_) + scaler_.state_bytes()
         + sizeof(float) * place_.size() + sizeof(half) * halves_.size();
}

std::vector<feature_share> half_space_scorer::explain() const {
  return {};
}

} // namespace starling::detector
