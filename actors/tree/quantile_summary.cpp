#include "actors/tree/quantile_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace starling::tree {

namespace {

constexpr size_t points_min = 8;

constexpr size_t points_limit = 4096;

/// Sums of weights that should be whole numbers differ by rounding.
constexpr double rounding = 1e-9;

result<void> check(const quantile_summary::options& opts) {
  if (opts.points_max < points_min || opts.points_max > points_limit)
    return failure{ec::invalid_option,
                   fmt::format("quantile summary: points_max is {}; give {} "
                               "to {}",
                               opts.points_max, points_min, points_limit)};
  return {};
}

failure malformed(const char* what) {
  return {ec::malformed_input, fmt::format("quantile summary: {}", what)};
}

} // namespace

result<quantile_summary> quantile_summary::make(const options& opts) {
  if (auto valid = check(opts); !valid)
    return valid.error();
  return quantile_summary{opts};
}

result<quantile_summary> quantile_summary::decode(const summary_parts& parts,
                                                  double agents_max,
                                                  const options& opts) {
  if (auto valid = check(opts); !valid)
    return valid.error();
  if (parts.values.size() != parts.weights.size())
    return malformed("not as many weights as values");
  if (parts.values.size() > opts.points_max)
    return failure{ec::limit_reached,
                   fmt::format("quantile summary: {} values, at most {} fit",
                               parts.values.size(), opts.points_max)};
  auto total = 0.0;
  for (size_t i = 0; i < parts.values.size(); ++i) {
    if (!std::isfinite(parts.values[i]))
      return malformed("a value is not finite");
    if (i > 0 && parts.values[i] < parts.values[i - 1])
      return malformed("values do not ascend");
    if (!(parts.weights[i] > 0.0) || !std::isfinite(parts.weights[i]))
      return malformed("a weight is not above zero and finite");
    total += parts.weights[i];
  }
  if (!(total <= agents_max * (1.0 + rounding)))
    return failure{ec::limit_reached,
                   fmt::format("quantile summary: speaks for {:.1f} agents, "
                               "its sender has {:.1f} below it",
                               total, agents_max)};
  auto result = quantile_summary{opts};
  result.parts_ = parts;
  return result;
}

quantile_summary::quantile_summary(const options& opts) : opts_{opts} {
  // nop
}

void quantile_summary::add(double value, double weight) {
  if (!std::isfinite(value) || !(weight > 0.0))
    return;
  const auto bounded = std::min(weight, agent_weight_max);
  const auto at = std::ranges::upper_bound(parts_.values, value);
  const auto offset = at - parts_.values.begin();
  parts_.values.insert(at, value);
  parts_.weights.insert(parts_.weights.begin() + offset, bounded);
  reduce();
}

void quantile_summary::merge(const quantile_summary& other) {
  // Not std::merge on pairs: both columns in one pass, ties from the left, so
  // that the outcome depends on the order of the calls alone.
  auto merged = summary_parts{};
  const auto size = parts_.values.size() + other.parts_.values.size();
  merged.values.reserve(size);
  merged.weights.reserve(size);
  size_t i = 0;
  size_t j = 0;
  while (merged.values.size() < size) {
    const auto left = j == other.parts_.values.size()
                      || (i < parts_.values.size()
                          && parts_.values[i] <= other.parts_.values[j]);
    const auto& from = left ? parts_ : other.parts_;
    auto& k = left ? i : j;
    merged.values.push_back(from.values[k]);
    merged.weights.push_back(from.weights[k]);
    ++k;
  }
  parts_ = std::move(merged);
  reduce();
}

double quantile_summary::quantile(double q) const {
  assert(!empty());
  const auto rank = std::clamp(q, 0.0, 1.0) * weight();
  auto passed = 0.0;
  for (size_t i = 0; i < parts_.values.size(); ++i) {
    passed += parts_.weights[i];
    if (passed >= rank)
      return parts_.values[i];
  }
  return parts_.values.back();
}

double quantile_summary::weight() const {
  return std::accumulate(parts_.weights.begin(), parts_.weights.end(), 0.0);
}

/// Joins neighbours into groups of equal weight, cutting values that straddle
/// a border in two, and keeps the weighted median of each group.
void quantile_summary::reduce() {
  if (parts_.values.size() <= opts_.points_max)
    return;
  const auto groups = opts_.points_max;
  const auto share = weight() / static_cast<double>(groups);
  auto reduced = summary_parts{};
  reduced.values.reserve(groups);
  reduced.weights.assign(groups, share);
  size_t i = 0;
  auto passed = parts_.weights[0];
  for (size_t group = 0; group < groups; ++group) {
    const auto middle = (static_cast<double>(group) + 0.5) * share;
    while (passed < middle && i + 1 < parts_.values.size())
      passed += parts_.weights[++i];
    reduced.values.push_back(parts_.values[i]);
  }
  parts_ = std::move(reduced);
}

} // namespace starling::tree
