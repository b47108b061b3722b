#include "actors/detector/calibrator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace starling::detector {

namespace {

/// Bins for each doubling of the score: a bin spans 9 %.
constexpr double bins_per_doubling = 8.0;

/// The first bin ends a little above 2^-4, the last one begins a little below
/// 2^16: what is less is ordinary, what is more is not.
constexpr double octave_first = -4.0;
constexpr size_t bins_max = 160;

constexpr size_t bins_per_block = 16;

/// Where weights are brought back to the range in which floats add up well.
constexpr float present_max = 1e6F;

/// The part of the scores that are remembered which a level may need: the
/// highest ones share their bin with others.
constexpr double memory_usable = 0.75;

/// How many times the expected alarms enter in full.
constexpr double alarms_allowed = 2.0;

/// Most alarms in a row that enter in full: chance makes small clusters.
constexpr double allowance_max = 4.0;

/// Returns the bin of a score, with the position in the bin as a fraction.
double place_of(double score) {
  const auto low = std::exp2(octave_first);
  const auto place
    = (std::log2(std::max(score, low)) - octave_first) * bins_per_doubling;
  return std::min(place, static_cast<double>(bins_max) - 1e-6);
}

failure invalid(const char* name, double value, const char* range) {
  return {ec::invalid_option,
          fmt::format("calibrator: {} is {}; give {}", name, value, range)};
}

bool within(double value, double low, double high) {
  return value >= low && value <= high;
}

} // namespace

result<calibrator> calibrator::make(const options& opts) {
  if (!within(opts.half_life_rows, 64.0, 1e6))
    return invalid("half_life_rows", opts.half_life_rows, "64 to 1e6");
  if (!within(opts.horizon_rows, 1.0, 1e4))
    return invalid("horizon_rows", opts.horizon_rows, "1 to 1e4");
  if (!(opts.alarm_above > 0.0 && opts.alarm_above <= 1.0))
    return invalid("alarm_above", opts.alarm_above, "above 0, up to 1");
  if (!(opts.alarm_weight > 0.0 && opts.alarm_weight <= 1.0))
    return invalid("alarm_weight", opts.alarm_weight, "above 0, up to 1");
  const auto known = opts.half_life_rows / std::numbers::ln2;
  const auto needed
    = 1.0 / (1.0 - std::pow(opts.alarm_above, 1.0 / opts.horizon_rows));
  if (opts.alarm_above < 1.0 && needed > memory_usable * known)
    return failure{ec::invalid_option,
                   fmt::format("calibrator: a level above {} about {} rows "
                               "takes {:.0f} scores, and half_life_rows {} "
                               "keeps {:.0f}: no row would ever be in alarm; "
                               "lower horizon_rows or raise half_life_rows",
                               opts.alarm_above, opts.horizon_rows, needed,
                               opts.half_life_rows, known)};
  return calibrator{opts};
}

calibrator::calibrator(const options& opts)
  : opts_{opts},
    alarms_expected_{1.0 - std::pow(opts.alarm_above, 1.0 / opts.horizon_rows)},
    allowance_{allowance_max},
    growth_{static_cast<float>(std::exp2(1.0 / opts.half_life_rows))},
    bins_(bins_max),
    blocks_(bins_max / bins_per_block) {
  // nop
}

void calibrator::seed(double score) {
  if (std::isfinite(score))
    remember(score, 1.0F);
}

double calibrator::level(double score) {
  const auto known = std::isfinite(score);
  const auto p = p_value(known ? score : HUGE_VAL);
  const auto result = std::pow(1.0 - p, opts_.horizon_rows);
  if (known)
    remember(score, weight_of(result));
  return result;
}

double calibrator::p_value(double score) const {
  const auto place = place_of(score);
  const auto bin = static_cast<size_t>(place);
  const auto block = bin / bins_per_block;
  const auto part = static_cast<float>(static_cast<double>(bin + 1) - place);
  auto above = part * bins_[bin];
  for (auto i = bin + 1; i < (block + 1) * bins_per_block; ++i)
    above += bins_[i];
  for (auto i = block + 1; i < blocks_.size(); ++i)
    above += blocks_[i];
  return std::min(
    1.0, static_cast<double>((above + present_) / (total_ + present_)));
}

size_t calibrator::state_bytes() const {
  return sizeof(*this) + sizeof(float) * (bins_.size() + blocks_.size());
}

float calibrator::weight_of(double level) {
  allowance_
    = std::min(allowance_max, allowance_ + alarms_allowed * alarms_expected_);
  if (level <= opts_.alarm_above)
    return 1.0F;
  if (allowance_ < 1.0)
    return static_cast<float>(opts_.alarm_weight);
  allowance_ -= 1.0;
  return 1.0F;
}

void calibrator::remember(double score, float weight) {
  const auto bin = static_cast<size_t>(place_of(score));
  const auto added = weight * present_;
  bins_[bin] += added;
  blocks_[bin / bins_per_block] += added;
  total_ += added;
  present_ *= growth_;
  if (present_ > present_max)
    rescale();
}

/// Sums blocks and total anew, so that rounding does not pile up either.
void calibrator::rescale() {
  total_ = 0.0F;
  std::ranges::fill(blocks_, 0.0F);
  for (size_t i = 0; i < bins_.size(); ++i) {
    bins_[i] /= present_;
    blocks_[i / bins_per_block] += bins_[i];
    total_ += bins_[i];
  }
  present_ = 1.0F;
}

} // namespace starling::detector
