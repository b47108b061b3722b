#include "actors/scale/verdict_tally.hpp"

#include <limits>

namespace starling::scale {

namespace {

double share(uint64_t part, uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                   : std::numeric_limits<double>::quiet_NaN();
}

} // namespace

void verdict_tally::note(bool is_guilty, bool verdict) {
  ++(is_guilty ? guilty : honest);
  if (verdict)
    ++(is_guilty ? found : accused);
}

double verdict_tally::recall() const {
  return share(found, guilty);
}

double verdict_tally::precision() const {
  return share(found, found + accused);
}

double verdict_tally::accuracy() const {
  return share(found + honest - accused, guilty + honest);
}

} // namespace starling::scale
