#include "actors/experiment/zone_figures.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace starling::experiment {

namespace {

double share(size_t part, size_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(part) / static_cast<double>(whole);
}

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

zone_tally::zone_tally(double monitored_above, double quarantined_above)
  : monitored_above_{monitored_above},
    quarantined_above_{quarantined_above} {
  // nop
}

void zone_tally::add(label_span labels, score_span levels) {
  assert(labels.size() == levels.size());
  for (auto row = size_t{0}; row < levels.size(); ++row) {
    if (labels[row] != 0)
      continue;
    ++normal_;
    normal_monitored_ += levels[row] > monitored_above_ ? 1 : 0;
    normal_quarantined_ += levels[row] > quarantined_above_ ? 1 : 0;
  }
  for (const auto& incident : incidents_of(labels)) {
    ++incidents_;
    if (auto delay = detection_delay(incident, levels, quarantined_above_))
      delays_.push_back(*delay);
  }
}

zone_figures zone_tally::total() const {
  return {share(normal_monitored_, normal_),
          share(normal_quarantined_, normal_),
          share(delays_.size(), incidents_),
          median_of(delays_),
          incidents_,
          normal_};
}

} // namespace starling::experiment
