#include "actors/tree/population_check.hpp"

#include "actors/tree/report_median.hpp"
#include "actors/tree/robust_aggregate.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
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

/// Where nobody was seen, or everybody, one more might have been.
double share_error(double share, double members) {
  const auto least = (1.0 - 1.0 / members) / members;
  return std::sqrt(std::max(share * (1.0 - share), least) / members);
}

/// Stretches each direction to a share of agents that the sample bears out.
direction_parts checked_directions(const direction_parts& said,
                                   const population_sketch& sample,
                                   double members, double deviations) {
  auto result = direction_parts{.features = said.features, .rows = {}};
  for (size_t i = 0; i < said.rows.size(); i += said.features) {
    auto row = std::vector(said.rows.begin() + static_cast<ptrdiff_t>(i),
                           said.rows.begin()
                             + static_cast<ptrdiff_t>(i + said.features));
    const auto squares
      = std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
    if (!(squares > 0.0))
      continue;
    const auto seen = std::min(1.0, sample.directions.along(row) / squares
                                      / sample.levels.weight());
    const auto slack = deviations * share_error(seen, members);
    const auto share
      = std::clamp(squares, std::max(0.0, seen - slack), seen + slack);
    const auto factor = static_cast<float>(std::sqrt(share / squares));
    for (auto x : row)
      result.rows.push_back(factor * x);
  }
  return result;
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

population_figures figures_of(const population_sketch& total,
                              std::span<const double> ranks) {
  auto result = figures_of(total.levels, ranks);
  result.directions = total.directions.encode();
  const auto factor = static_cast<float>(1.0 / std::sqrt(result.agents));
  for (auto& x : result.directions.rows)
    x *= factor;
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
  auto directions = std::vector<direction_parts>{};
  for (const auto& each : said)
    directions.push_back(each.directions);
  result.directions = median_directions(directions);
  return result;
}

population_figures checked(population_figures said,
                           const population_sketch& sample, size_t members,
                           double deviations, std::span<const double> ranks) {
  if (sample.empty() || members == 0)
    return said;
  const auto& levels = sample.levels;
  const auto error = deviations / std::sqrt(static_cast<double>(members));
  const auto slack_at
    = [error](double q) { return error * std::sqrt(q * (1.0 - q)); };
  said.median = within(said.median, levels, 0.5, slack_at(0.5));
  said.middle_mean = within(said.middle_mean, levels, 0.5, slack_at(0.5));
  const auto spread = robust_deviation(levels);
  const auto factor = deviation_error * error;
  said.deviation = std::clamp(said.deviation, spread / (1.0 + factor),
                              spread * (1.0 + factor));
  for (size_t i = 0; i < said.quantiles.size() && i < ranks.size(); ++i)
    said.quantiles[i]
      = within(said.quantiles[i], levels, ranks[i], slack_at(ranks[i]));
  said.directions = checked_directions(
    said.directions, sample, static_cast<double>(members), deviations);
  return said;
}

} // namespace starling::tree
