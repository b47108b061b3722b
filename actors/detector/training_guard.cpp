#include "actors/detector/training_guard.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace starling::detector {

namespace {

/// Rows for each feature: enough for a covariance of 60 % of them.
constexpr size_t rows_per_feature = 8;
constexpr size_t rows_least = 256;
constexpr size_t rows_most = 1024;

/// Part of the sample that is taken for calm. More than half, so that two
/// halves can't both claim it.
constexpr double calm_share = 0.6;

/// Distances settle in three or four steps.
constexpr int steps = 4;

/// Deviations; what is farther out counts as if it were there.
constexpr double reach = 22.0;

/// What is believed less than this is not believed.
constexpr double trust_min = 0.005;

/// Magnitudes whose squares stay in the range of a double.
constexpr double magnitude_max = 1e100;

size_t sample_rows(size_t features) {
  return std::clamp(rows_per_feature * features, rows_least, rows_most);
}

/// Returns the value below which the given part of `values` lies.
double quantile(std::vector<double>& values, double part) {
  const auto index
    = static_cast<ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, values.begin() + index);
  return values[static_cast<size_t>(index)];
}

double deviation_of(const std::vector<double>& values) {
  auto sum = 0.0;
  auto squares = 0.0;
  for (auto x : values) {
    sum += x;
    squares += x * x;
  }
  const auto count = static_cast<double>(values.size());
  return std::sqrt(
    std::max(0.0, squares / count - (sum / count) * (sum / count)));
}

} // namespace

training_guard::training_guard(const options& opts)
  : opts_{opts},
    sample_{{.features = opts.features,
             .rows_max = sample_rows(opts.features),
             .seed = opts.seed}},
    renew_at_{sample_rows(opts.features)},
    ranges_(opts.features),
    whitener_{
      {.features = opts.features, .ridge = 2e-3F, .deviation_min = 0.3F}},
    bursts_{{.features = opts.features}},
    scaled_(opts.features),
    whitened_(opts.features) {
  distances_.reserve(renew_at_);
  sorted_.reserve(renew_at_);
}

row_trust training_guard::add(std::span<const double> row) {
  auto trust
    = ready() ? judge(row) : row_trust{.ranges = 0.0, .relations = 0.0};
  sample_.add(row, static_cast<float>(trust.ranges));
  if (sample_.seen() >= renew_at_) {
    renew_at_ += renew_at_ / 8;
    renew();
  }
  return trust;
}

void training_guard::renew() {
  assert(sample_.size() > 0);
  measure_ranges();
  start_calm();
  for (auto step = 0; step < steps; ++step)
    concentrate();
  judge_bursts();
  compare();
}

void training_guard::accept() {
  for (size_t i = 0; i < sample_.size(); ++i)
    sample_.notes()[i] = static_cast<float>(judge(sample_[i]).ranges);
  changed_ = 0.0;
}

row_trust training_guard::judge(std::span<const double> row) {
  const auto far = distance(row) / median_;
  if (far > opts_.distance_max)
    return {.ranges = 0.0, .relations = 0.0};
  if (far <= opts_.burst_from)
    return {};
  const auto trust
    = is_incoherent() ? incoherent_trust_ : bursts_.trust(whitened_);
  if (trust < trust_min)
    return {.ranges = 0.0, .relations = 0.0};
  return {.ranges = trust, .relations = trust * opts_.burst_from / far};
}

size_t training_guard::state_bytes() const {
  return sizeof(*this) - sizeof(sample_) - sizeof(whitener_) - sizeof(bursts_)
         + sample_.state_bytes() + whitener_.state_bytes()
         + bursts_.state_bytes() + sizeof(range) * ranges_.size()
         + sizeof(double) * (distances_.capacity() + sorted_.capacity())
         + sizeof(float) * (scaled_.size() + whitened_.size());
}

// -- ranges of single features ------------------------------------------------

void training_guard::measure_ranges() {
  for (size_t i = 0; i < ranges_.size(); ++i)
    ranges_[i] = range_of(i);
}

/// Median and median absolute deviation, which hold up to half of the rows;
/// where most values are the same, deciles, and in the end a small part of the
/// deviation of all values.
training_guard::range training_guard::range_of(size_t feature) {
  sorted_.clear();
  for (size_t i = 0; i < sample_.size(); ++i)
    if (std::isfinite(sample_[i][feature]))
      sorted_.push_back(
        std::clamp(sample_[i][feature], -magnitude_max, magnitude_max));
  if (sorted_.empty())
    return {};
  const auto middle = quantile(sorted_, 0.5);
  const auto deciles = (quantile(sorted_, 0.9) - quantile(sorted_, 0.1)) / 2.56;
  const auto least
    = std::max({0.05 * deviation_of(sorted_), 1e-3 * std::abs(middle), 1e-12});
  for (auto& x : sorted_)
    x = std::abs(x - middle);
  const auto absolute = 1.4826 * quantile(sorted_, 0.5);
  return {.middle = middle,
          .deviation = std::max(absolute > 0.0 ? absolute : deciles, least)};
}

void training_guard::scale(std::span<const double> row) {
  for (size_t i = 0; i < row.size(); ++i) {
    const auto offset = (row[i] - ranges_[i].middle) / ranges_[i].deviation;
    scaled_[i] = std::isfinite(row[i])
                   ? static_cast<float>(std::clamp(offset, -reach, reach))
                   : 0.0F;
  }
}

// -- how they hang together ---------------------------------------------------

/// Orders the sample by the sum of its offsets, each within reach, as nothing
/// is known yet of how they hang together.
void training_guard::start_calm() {
  distances_.resize(sample_.size());
  for (size_t i = 0; i < sample_.size(); ++i) {
    scale(sample_[i]);
    auto sum = 0.0F;
    for (auto x : scaled_)
      sum += std::abs(x);
    distances_[i] = static_cast<double>(sum);
  }
}

/// Learns from the calmest rows, then orders all rows by what was learned.
void training_guard::concentrate() {
  sorted_ = distances_;
  const auto limit = quantile(sorted_, calm_share);
  whitener_.forget();
  auto rows = 0.0F;
  for (size_t i = 0; i < sample_.size(); ++i) {
    if (distances_[i] > limit)
      continue;
    scale(sample_[i]);
    rows += 1.0F;
    whitener_.add(scaled_, 1.0F / rows);
  }
  whitener_.refresh();
  for (size_t i = 0; i < sample_.size(); ++i)
    distances_[i] = distance(sample_[i]);
}

double training_guard::distance(std::span<const double> row) {
  scale(row);
  whitener_.whiten(scaled_, whitened_);
  auto sum = 0.0F;
  for (auto x : whitened_)
    sum += x * x;
  return static_cast<double>(sum);
}

void training_guard::judge_bursts() {
  sorted_ = distances_;
  median_ = std::max(quantile(sorted_, 0.5), 1e-9);
  bursts_.clear();
  // Returns how many far rows are incoherent, and so no bursts.
  const auto each_burst = [this](auto action) {
    auto incoherent = 0.0;
    for (size_t i = 0; i < sample_.size(); ++i) {
      const auto far = distances_[i] / median_;
      if (far <= opts_.burst_from)
        continue;
      distance(sample_[i]);
      if (is_incoherent())
        incoherent += 1.0;
      else
        action(far > opts_.distance_max);
    }
    return incoherent;
  };
  each_burst([this](bool) { bursts_.show(whitened_); });
  const auto incoherent
    = each_burst([this](bool is_wild) { bursts_.count(whitened_, is_wild); });
  const auto all = static_cast<double>(sample_.size());
  bursts_.judge(sample_.size());
  incoherent_trust_ = trust_at(incoherent, opts_.incoherent_max * all);
}

bool training_guard::is_incoherent() const {
  return std::ranges::none_of(scaled_, [this](float x) {
    return static_cast<double>(std::abs(x)) > opts_.coherent_from;
  });
}

void training_guard::compare() {
  changed_ = 0.0;
  for (size_t i = 0; i < sample_.size(); ++i)
    changed_ += std::abs(judge(sample_[i]).ranges
                         - static_cast<double>(sample_.notes()[i]))
                / static_cast<double>(sample_.size());
}

} // namespace starling::detector
