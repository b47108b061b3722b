#include "actors/detector/feature_scaler.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::detector {

namespace {

/// Larger magnitudes leave the range of a float. Nothing that is measured is as
/// large.
constexpr double magnitude_max = 1e30;

/// Least deviation of all: keeps quotients finite.
constexpr double deviation_floor = 1e-100;

/// Before this many rows no value is known to be an outlier.
constexpr double rows_min = 16.0;

/// Rows from one look at the units to the next, and looks in a row after which
/// another unit is believed.
constexpr uint32_t rows_per_look = 8;
constexpr uint16_t looks_min = 32;

/// Units differ by this factor at least: percent, seconds, kilobytes do. Loads
/// do, too: on real servers some rest at a 25th for days.
constexpr double unit_factor = 50.0;

/// Single values may be closer.
constexpr double value_factor = 25.0;

/// Deviation beside the mean, above which a feature has no level of its own.
constexpr double level_deviation = 1.0 / 3.0;

} // namespace

feature_scaler::feature_scaler(const options& opts)
  : opts_{opts},
    features_(opts.features) {
  assert(opts.features > 0);
}

void feature_scaler::add(std::span<const double> row, double weight,
                         double count) {
  assert(row.size() == features_.size());
  for (size_t i = 0; i < row.size(); ++i)
    if (std::isfinite(row[i]))
      add_one(features_[i], row[i], weight, count);
}

void feature_scaler::scale(std::span<const double> row,
                           std::span<float> out) const {
  assert(row.size() == features_.size() && out.size() == features_.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const auto& known = features_[i];
    const auto usable = std::isfinite(row[i]) && known.rows > 0.0F;
    const auto offset
      = std::clamp(row[i], -magnitude_max, magnitude_max) - known.mean;
    const auto scaled = std::clamp(offset / deviation(known), -opts_.reach_max,
                                   opts_.reach_max);
    out[i] = usable ? static_cast<float>(scaled) : 0.0F;
  }
}

void feature_scaler::follow_units(std::span<const double> row) {
  assert(row.size() == features_.size());
  if (++rows_followed_ % rows_per_look != 0)
    return;
  for (size_t i = 0; i < row.size(); ++i)
    if (std::isfinite(row[i]) && features_[i].rows > 0.0F)
      follow_unit(features_[i],
                  std::clamp(row[i], -magnitude_max, magnitude_max),
                  deviation(features_[i]));
}

void feature_scaler::follow_unit(feature& known, double value,
                                 double deviation) {
  // Who changes its sign is no other unit.
  const auto differs = [&known](double x, double by) {
    const auto factor = x / known.mean;
    return factor >= by || (factor > 0.0 && factor <= 1.0 / by);
  };
  const auto has_level = deviation < level_deviation * std::abs(known.mean);
  if (!has_level || !differs(value, value_factor)) {
    known.odd_looks = 0;
    return;
  }
  const auto before
    = known.odd_looks > 0 ? static_cast<double>(known.odd_mean) : 0.0;
  ++known.odd_looks;
  const auto mean = before + (value - before) / known.odd_looks;
  known.odd_mean = static_cast<float>(mean);
  if (known.odd_looks < looks_min)
    return;
  known.odd_looks = 0;
  if (!differs(mean, unit_factor))
    return;
  const auto factor = mean / known.mean;
  known.mean = mean;
  known.variance *= factor * factor;
  known.magnitude *= static_cast<float>(factor);
}

size_t feature_scaler::state_bytes() const {
  return sizeof(*this) + features_.size() * sizeof(feature);
}

double feature_scaler::deviation(const feature& x) const {
  return std::max({std::sqrt(x.variance),
                   opts_.deviation_min * static_cast<double>(x.magnitude),
                   deviation_floor});
}

void feature_scaler::add_one(feature& known, double value, double weight,
                             double count) const {
  value = std::clamp(value, -magnitude_max, magnitude_max);
  if (known.rows == 0.0F) {
    known = {.mean = value,
             .variance = 0.0,
             .magnitude = static_cast<float>(std::abs(value)),
             .rows = static_cast<float>(count)};
    return;
  }
  const auto rows
    = std::min(static_cast<double>(known.rows) + count, opts_.memory_rows);
  known.rows = static_cast<float>(rows);
  const auto gain = std::min(1.0, count * weight / rows);
  auto offset = value - known.mean;
  if (rows > rows_min) {
    const auto reach = opts_.outlier_reach * deviation(known);
    offset = std::clamp(offset, -reach, reach);
  }
  known.mean += gain * offset;
  known.variance = (1.0 - gain) * (known.variance + gain * offset * offset);
  known.magnitude = std::max(known.magnitude,
                             static_cast<float>(std::abs(known.mean + offset)));
}

} // namespace starling::detector
