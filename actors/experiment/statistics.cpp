#include "actors/experiment/statistics.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <random>

namespace starling::experiment {

namespace {

constexpr auto undefined = std::numeric_limits<double>::quiet_NaN();

double as_double(size_t x) {
  return static_cast<double>(x);
}

/// Continued fraction of the incomplete beta function, by Lentz's method.
/// Source: Press et al., "Numerical recipes", 3rd ed., section 6.4.
double beta_fraction(double a, double b, double x) {
  constexpr auto tiny = 1e-300;
  const auto guarded
    = [](double value) { return std::abs(value) < tiny ? tiny : value; };
  auto c = 1.0;
  auto d = 1.0 / guarded(1.0 - (a + b) * x / (a + 1.0));
  auto h = d;
  for (auto m = 1.0; m < 500.0; m += 1.0) {
    const auto even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1.0 / guarded(1.0 + even * d);
    c = guarded(1.0 + even / c);
    h *= d * c;
    const auto odd
      = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1.0 / guarded(1.0 + odd * d);
    c = guarded(1.0 + odd / c);
    const auto step = d * c;
    h *= step;
    if (std::abs(step - 1.0) < 1e-15)
      break;
  }
  return h;
}

/// Regularised incomplete beta function.
double beta_part(double a, double b, double x) {
  const auto log_factor = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b)
                          + a * std::log(x) + b * std::log1p(-x);
  return x < (a + 1.0) / (a + b + 2.0)
           ? std::exp(log_factor) * beta_fraction(a, b, x) / a
           : 1.0 - std::exp(log_factor) * beta_fraction(b, a, 1.0 - x) / b;
}

struct signed_ranks {
  /// Sum of the ranks of positive differences.
  double positive = 0.0;
  size_t count = 0;
  /// Sum of t^3 - t over groups of equal sizes.
  double ties = 0.0;
};

signed_ranks rank(std::vector<double> differences) {
  std::ranges::sort(differences, {}, [](double x) { return std::abs(x); });
  auto out = signed_ranks{0.0, differences.size(), 0.0};
  for (size_t begin = 0; begin < differences.size();) {
    auto end = begin + 1;
    while (end < differences.size()
           && std::abs(differences[end]) == std::abs(differences[begin]))
      ++end;
    const auto group = as_double(end - begin);
    out.ties += group * group * group - group;
    for (auto i = begin; i < end; ++i)
      if (differences[i] > 0.0)
        out.positive += as_double(begin + end + 1) / 2.0;
    begin = end;
  }
  return out;
}

/// The share of all sign patterns whose sum of positive ranks is at most that.
double exact_share(size_t count, double least) {
  const auto all = count * (count + 1) / 2;
  auto ways = std::vector<double>(all + 1);
  ways[0] = 1.0;
  for (size_t r = 1; r <= count; ++r)
    for (auto sum = all; sum >= r; --sum)
      ways[sum] += ways[sum - r];
  auto below = 0.0;
  for (size_t sum = 0; sum <= all && as_double(sum) <= least; ++sum)
    below += ways[sum];
  return below / std::exp2(as_double(count));
}

} // namespace

mean_note mean_of(std::span<const double> values) {
  auto out = mean_note{};
  auto squares = 0.0;
  for (auto x : values) {
    if (!std::isfinite(x))
      continue;
    ++out.count;
    const auto offset = x - out.mean;
    out.mean += offset / as_double(out.count);
    squares += offset * (x - out.mean);
  }
  if (out.count == 0)
    out.mean = undefined;
  out.deviation
    = out.count < 2 ? undefined : std::sqrt(squares / as_double(out.count - 1));
  return out;
}

double student_t_95(size_t degrees) {
  assert(degrees > 0);
  const auto n = as_double(degrees);
  auto low = 1.9;
  auto high = 13.0;
  for (auto i = 0; i < 60; ++i) {
    const auto t = (low + high) / 2;
    // Both tails together: I(n/2, 1/2) of n / (n + t^2).
    (beta_part(n / 2, 0.5, n / (n + t * t)) > 0.05 ? low : high) = t;
  }
  return (low + high) / 2;
}

std::optional<interval> t_interval(std::span<const double> values) {
  const auto x = mean_of(values);
  if (x.count < 2)
    return std::nullopt;
  const auto half
    = student_t_95(x.count - 1) * x.deviation / std::sqrt(as_double(x.count));
  return interval{x.mean - half, x.mean + half};
}

std::optional<interval>
bootstrap::mean_interval(std::span<const double> values) {
  finite_.clear();
  for (auto x : values)
    if (std::isfinite(x))
      finite_.push_back(x);
  const auto count = finite_.size();
  if (count < 2)
    return std::nullopt;
  if (count != count_) {
    count_ = count;
    auto lots = std::mt19937_64{seed_};
    picked_.resize(resamples * count);
    for (auto& index : picked_)
      index = static_cast<uint32_t>(lots() % count);
  }
  means_.clear();
  for (size_t i = 0; i < resamples; ++i) {
    auto sum = 0.0;
    for (size_t k = 0; k < count; ++k)
      sum += finite_[picked_[i * count + k]];
    means_.push_back(sum / as_double(count));
  }
  std::ranges::sort(means_);
  constexpr auto cut = resamples / 40; // 2.5 %
  return interval{means_[cut - 1], means_[resamples - cut]};
}

double wilcoxon_p(std::span<const double> differences) {
  auto kept = std::vector<double>{};
  for (auto x : differences)
    if (std::isfinite(x) && x != 0.0)
      kept.push_back(x);
  if (kept.empty())
    return 1.0;
  const auto found = rank(std::move(kept));
  const auto n = as_double(found.count);
  const auto total = n * (n + 1) / 2;
  const auto least = std::min(found.positive, total - found.positive);
  constexpr size_t exact_max = 50;
  if (found.ties == 0.0 && found.count <= exact_max)
    return std::min(1.0, 2.0 * exact_share(found.count, least));
  const auto variance = n * (n + 1) * (2 * n + 1) / 24 - found.ties / 48;
  const auto distance = std::max(0.0, total / 2 - least - 0.5);
  return variance > 0.0
           ? std::erfc(distance / std::sqrt(variance) / std::sqrt(2.0))
           : 1.0;
}

paired_note compare_pairs(std::span<const double> first,
                          std::span<const double> second, bootstrap& lots) {
  assert(first.size() == second.size());
  constexpr auto tie = 1e-9;
  auto out = paired_note{};
  auto differences = std::vector<double>{};
  for (size_t i = 0; i < first.size(); ++i) {
    auto d = first[i] - second[i];
    if (!std::isfinite(d))
      continue;
    if (std::abs(d) < tie)
      d = 0.0;
    (d > 0.0 ? out.wins : d < 0.0 ? out.losses : out.ties) += 1;
    differences.push_back(d);
  }
  out.mean_difference = mean_of(differences).mean;
  out.bounds = lots.mean_interval(differences);
  out.p = wilcoxon_p(differences);
  return out;
}

} // namespace starling::experiment
