#include "actors/tree/population_check.hpp"

#include "actors/tree/report_median.hpp"
#include "actors/tree/robust_aggregate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace starling::tree {

namespace {

/// Standard error of a median absolute deviation, relative, times the root of
/// the sample's size, on a normal distribution.
/// Source: Rousseeuw, Croux, "Alternatives to the median absolute deviation",
/// JASA 88(424), 1993, table 2: efficiency 37 %, so sqrt(0.5 / 0.37).
constexpr double deviation_error = 1.17;

double within(double figure, const quantile_summary& sample, double rank,
              double slack) {
  return std::clamp(figure, sample.quantile(rank - slack),
                    sample.quantile(rank + slack));
}

} // namespace

population_figures figures_of(const quantile_summary& total,
                              std::span<const double> ranks) {
  auto result = population_figures{};
  result.agents = total.weight();
  result.median = weighted_median(total);
  result.middle_mean = trimmed_mean(total);
  result.deviation = robust_deviation(total);
  for (auto rank : ranks)
    result.quantiles.push_back(total.quantile(rank));
  return result;
}

population_figures median_figures(std::span<const population_figures> said) {
  assert(!said.empty());
  auto column = std::vector<double>(said.size());
  const auto middle = [&](auto figure) {
    std::ranges::transform(said, column.begin(), figure);
    return median_figure(column);
  };
  auto result = population_figures{};
  result.agents = middle([](const auto& x) { return x.agents; });
  result.median = middle([](const auto& x) { return x.median; });
  result.middle_mean = middle([](const auto& x) { return x.middle_mean; });
  result.deviation = middle([](const auto& x) { return x.deviation; });
  for (size_t i = 0; i < said.front().quantiles.size(); ++i)
    result.quantiles.push_back(
      middle([i](const auto& x) { return x.quantiles[i]; }));
  return result;
}

population_figures checked(population_figures said,
                           const quantile_summary& sample, size_t members,
                           double deviations, std::span<const double> ranks) {
  if (sample.empty() || members == 0)
    return said;
  const auto error = deviations / std::sqrt(static_cast<double>(members));
  const auto slack_at
    = [error](double q) { return error * std::sqrt(q * (1.0 - q)); };
  said.median = within(said.median, sample, 0.5, slack_at(0.5));
  said.middle_mean = within(said.middle_mean, sample, 0.5, slack_at(0.5));
  const auto spread = robust_deviation(sample);
  const auto factor = deviation_error * error;
  said.deviation = std::clamp(said.deviation, spread / (1.0 + factor),
                              spread * (1.0 + factor));
  for (size_t i = 0; i < said.quantiles.size() && i < ranks.size(); ++i)
    said.quantiles[i]
      = within(said.quantiles[i], sample, ranks[i], slack_at(ranks[i]));
  return said;
}

} // namespace starling::tree
