#include "actors/experiment/zone_figures.hpp"

#include <cassert>
#include <limits>

namespace starling::experiment {

namespace {

double share(size_t part, size_t whole) {
  return whole == 0 ? std::numeric_limits<double>::quiet_NaN()
                    : static_cast<double>(part) / static_cast<double>(whole);
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
  delays_.add(labels, levels, quarantined_above_);
}

zone_figures zone_tally::total() const {
  const auto delays = delays_.total();
  return {share(normal_monitored_, normal_),
          share(normal_quarantined_, normal_),
          delays.incidents_hit,
          delays.median,
          delays.incidents,
          normal_};
}

} // namespace starling::experiment
