#include "actors/agent/work_ring.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace starling::agent {

work_ring::work_ring(std::vector<std::string> names, size_t self)
  : names_{std::move(names)},
    self_{self},
    gone_(names_.size()) {
  assert(self < names_.size());
}

void work_ring::note_gone(size_t member) {
  if (member < gone_.size())
    gone_[member] = true;
}

work_ring::run work_ring::next_run(const zone_timeline& zones, uint64_t first,
                                   uint64_t end, uint32_t rows_max) const {
  assert(first < end && rows_max > 0);
  const auto target = target_at(zones, first);
  // The choice holds until one of those that it passed over, or the chosen one
  // itself, changes its zone.
  auto until = std::min(end, first + rows_max);
  const auto last = target.value_or(self_);
  auto i = self_;
  do {
    i = (i + 1) % names_.size();
    if (i != self_ && !gone_[i])
      until = std::min(until, zones.next_change(names_[i], first));
  } while (i != last);
  return {first, static_cast<uint32_t>(until - first), target,
          target == (self_ + 1) % names_.size()};
}

uint32_t work_ring::refused_rows(const zone_timeline& zones,
                                 const std::string& sender, uint64_t first,
                                 uint32_t rows) {
  auto refused = uint32_t{0};
  const auto end = first + rows;
  for (auto row = first; row < end;) {
    const auto until = std::min(end, zones.next_change(sender, row));
    if (is_cut_off(zones.zone_at(sender, row)))
      refused += static_cast<uint32_t>(until - row);
    row = until;
  }
  return refused;
}

std::optional<size_t> work_ring::target_at(const zone_timeline& zones,
                                           uint64_t row) const {
  for (auto i = (self_ + 1) % names_.size(); i != self_;
       i = (i + 1) % names_.size())
    if (!gone_[i] && !is_cut_off(zones.zone_at(names_[i], row)))
      return i;
  return std::nullopt;
}

} // namespace starling::agent
