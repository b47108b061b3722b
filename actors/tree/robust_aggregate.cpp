#include "actors/tree/robust_aggregate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace starling::tree {

namespace {

/// Makes a median absolute deviation a standard deviation, on a normal
/// distribution: 1 / (0.75 quantile).
constexpr double deviations_per_mad = 1.482602218505602;

} // namespace

double weighted_median(const quantile_summary& summary) {
  return summary.quantile(0.5);
}

double trimmed_mean(const quantile_summary& summary, double trim) {
  assert(!summary.empty());
  assert(trim >= 0.0 && trim < 0.5);
  const auto& parts = summary.encode();
  const auto low = trim * summary.weight();
  const auto high = (1.0 - trim) * summary.weight();
  auto sum = 0.0;
  auto kept = 0.0;
  auto passed = 0.0;
  for (size_t i = 0; i < parts.values.size(); ++i) {
    const auto from = std::max(passed, low);
    passed += parts.weights[i];
    const auto part = std::max(0.0, std::min(passed, high) - from);
    sum += part * parts.values[i];
    kept += part;
  }
  return kept > 0.0 ? sum / kept : weighted_median(summary);
}

double robust_deviation(const quantile_summary& summary) {
  assert(!summary.empty());
  const auto& parts = summary.encode();
  const auto middle = weighted_median(summary);
  const auto distance
    = [&](size_t i) { return std::abs(parts.values[i] - middle); };
  auto order = std::vector<size_t>(parts.values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::ranges::less{}, distance);
  const auto half = 0.5 * summary.weight();
  auto passed = 0.0;
  for (auto i : order) {
    passed += parts.weights[i];
    if (passed >= half)
      return deviations_per_mad * distance(i);
  }
  return 0.0;
}

} // namespace starling::tree
