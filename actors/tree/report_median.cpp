#include "actors/tree/report_median.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <vector>

namespace starling::tree {

namespace {

double weight_of(const summary_parts& parts) {
  return std::accumulate(parts.weights.begin(), parts.weights.end(), 0.0);
}

/// Returns the values in the middle of `points` parts of equal weight.
std::vector<double> resampled(const summary_parts& parts, size_t points) {
  auto result = std::vector<double>{};
  result.reserve(points);
  const auto share = weight_of(parts) / static_cast<double>(points);
  size_t i = 0;
  auto passed = parts.weights[0];
  for (size_t k = 0; k < points; ++k) {
    const auto rank = (static_cast<double>(k) + 0.5) * share;
    while (passed < rank && i + 1 < parts.values.size())
      passed += parts.weights[++i];
    result.push_back(parts.values[i]);
  }
  return result;
}

/// Returns the report that more than half are, or nothing (Boyer, Moore: what
/// is left when unequal ones cancel each other out).
template <class Report>
const Report* majority(std::span<const Report> reports) {
  const Report* found = nullptr;
  size_t lead = 0;
  for (const auto& report : reports) {
    if (lead == 0)
      found = &report;
    lead = *found == report ? lead + 1 : lead - 1;
  }
  const auto votes = static_cast<size_t>(std::ranges::count(reports, *found));
  return 2 * votes > reports.size() ? found : nullptr;
}

} // namespace

summary_parts median_report(std::span<const summary_parts> reports,
                            size_t points) {
  assert(!reports.empty());
  if (const auto* agreed = majority(reports))
    return *agreed;
  auto columns = std::vector<std::vector<double>>{};
  auto weights = std::vector<double>{};
  for (const auto& report : reports) {
    weights.push_back(weight_of(report));
    if (!report.values.empty())
      columns.push_back(resampled(report, points));
  }
  const auto weight = median_figure(weights);
  if (!(weight > 0.0))
    return {};
  auto result = summary_parts{};
  result.weights.assign(points, weight / static_cast<double>(points));
  result.values.reserve(points);
  auto row = std::vector<double>(columns.size());
  for (size_t k = 0; k < points; ++k) {
    for (size_t i = 0; i < columns.size(); ++i)
      row[i] = columns[i][k];
    result.values.push_back(median_figure(row));
  }
  return result;
}

direction_parts median_directions(std::span<const direction_parts> reports) {
  assert(!reports.empty());
  if (const auto* agreed = majority(reports))
    return *agreed;
  const auto* best = &reports.front();
  auto least = std::numeric_limits<double>::infinity();
  auto distances = std::vector<double>(reports.size());
  for (const auto& report : reports) {
    std::ranges::transform(
      reports, distances.begin(),
      [&report](const auto& other) { return distance(report, other); });
    if (const auto median = median_figure(distances); median < least) {
      least = median;
      best = &report;
    }
  }
  return *best;
}

summary_report median_report(std::span<const summary_report> reports,
                             size_t points) {
  auto levels = std::vector<summary_parts>{};
  auto directions = std::vector<direction_parts>{};
  for (const auto& report : reports) {
    levels.push_back(report.levels);
    directions.push_back(report.directions);
  }
  return {median_report(levels, points), median_directions(directions)};
}

double median_figure(std::span<double> figures) {
  assert(!figures.empty());
  const auto middle
    = figures.begin() + static_cast<std::ptrdiff_t>((figures.size() - 1) / 2);
  std::ranges::nth_element(figures, middle);
  return *middle;
}

} // namespace starling::tree
