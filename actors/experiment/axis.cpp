#include "actors/experiment/axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::experiment {

namespace {

/// The greatest ratio of maximum and median that a linear axis shows well.
constexpr auto linear_ratio_max = 20.0;

/// The least step of the form 1, 2 or 5 times a power of ten that divides the
/// range into at most as many parts.
double nice_step(double range, size_t parts) {
  const auto rough = range / static_cast<double>(parts);
  const auto power = std::pow(10.0, std::floor(std::log10(rough)));
  for (auto factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * (1.0 - 1e-9))
      return factor * power;
  return 10.0 * power;
}

/// What lies `share` of the way through the sorted values.
double quantile(const std::vector<double>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(share * last)];
}

} // namespace

axis::axis(double least, double greatest) : least_{least}, greatest_{greatest} {
  assert(least < greatest);
}

axis axis::fitted(std::span<const double> values) {
  auto sorted = std::vector<double>{values.begin(), values.end()};
  std::ranges::sort(sorted);
  if (sorted.empty() || !(sorted.back() > sorted.front()))
    return axis{sorted.empty() ? 0.0 : sorted.front() - 0.5,
                sorted.empty() ? 1.0 : sorted.front() + 0.5};
  const auto median = quantile(sorted, 0.5);
  if (sorted.front() < 0.0 || median <= 0.0
      || sorted.back() <= linear_ratio_max * median) {
    // Zero belongs to the picture of what can't be negative.
    const auto low = sorted.front() < 0.0 ? sorted.front() : 0.0;
    return axis{low, sorted.back()};
  }
  // A few tiny values must not stretch the axis by decades nobody looks at.
  const auto low = std::max(quantile(sorted, 0.01), median / 100.0);
  auto out = axis{std::log10(low), std::log10(sorted.back())};
  out.logarithmic_ = true;
  return out;
}

double axis::place(double value) const {
  if (logarithmic_ && value <= 0.0)
    return 0.0;
  const auto x = logarithmic_ ? std::log10(value) : value;
  return std::clamp((x - least_) / (greatest_ - least_), 0.0, 1.0);
}

std::vector<double> axis::ticks(size_t wanted) const {
  assert(wanted > 0);
  auto out = std::vector<double>{};
  if (logarithmic_) {
    const auto first = std::ceil(least_ - 1e-9);
    const auto last = std::floor(greatest_ + 1e-9);
    const auto stride = std::max(
      1.0, std::ceil((last - first + 1.0) / static_cast<double>(wanted)));
    for (auto x = first; x <= last; x += stride)
      out.push_back(std::pow(10.0, x));
    if (out.empty())
      out.push_back(std::pow(10.0, greatest_));
    return out;
  }
  const auto step = nice_step(greatest_ - least_, wanted);
  const auto first = std::ceil(least_ / step - 1e-9);
  const auto last = std::floor(greatest_ / step + 1e-9);
  for (auto x = first; x <= last; x += 1.0)
    out.push_back(x * step + 0.0); // no tick reads -0
  return out;
}

std::string tick_label(double value) {
  const auto size = std::abs(value);
  if (size >= 1e15 || (size > 0.0 && size < 1e-4))
    return fmt::format("{:.0e}", value);
  struct unit {
    double size;
    const char* name;
  };
  for (auto [unit_size, name] :
       {unit{1e12, "T"}, unit{1e9, "G"}, unit{1e6, "M"}, unit{1e3, "k"}})
    if (size >= unit_size)
      return fmt::format("{:.6g}{}", value / unit_size, name);
  return fmt::format("{:.6g}", value);
}

} // namespace starling::experiment
