#include "actors/experiment/delay_tally.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <limits>

namespace starling::experiment {

namespace {

std::optional<double> median_of(std::vector<size_t> values) {
  if (values.empty())
    return std::nullopt;
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  const auto upper = static_cast<double>(values[middle]);
  if (values.size() % 2 != 0)
    return upper;
  return (static_cast<double>(values[middle - 1]) + upper) / 2.0;
}

} // namespace

void delay_tally::add(label_span labels, score_span scores, double threshold) {
  assert(labels.size() == scores.size());
  for (const auto& incident : incidents_of(labels)) {
    ++incidents_;
    if (auto delay = detection_delay(incident, scores, threshold))
      delays_.push_back(*delay);
  }
}

delay_figures delay_tally::total() const {
  const auto share = incidents_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                     : static_cast<double>(delays_.size())
                                         / static_cast<double>(incidents_);
  return {share, median_of(delays_), incidents_};
}

double threshold_at(label_span labels, score_span scores,
                    double false_positives) {
  assert(labels.size() == scores.size());
  assert(false_positives >= 0.0 && false_positives < 1.0);
  auto normal = std::vector<double>{};
  for (auto row = size_t{0}; row < scores.size(); ++row)
    if (labels[row] == 0)
      normal.push_back(scores[row]);
  if (normal.empty())
    return std::numeric_limits<double>::infinity();
  const auto affordable
    = normal.begin()
      + static_cast<ptrdiff_t>(false_positives
                               * static_cast<double>(normal.size()));
  std::ranges::nth_element(normal, affordable, std::greater{});
  return *affordable;
}

} // namespace starling::experiment
