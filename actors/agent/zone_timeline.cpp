#include "actors/agent/zone_timeline.hpp"

#include <iterator>
#include <limits>

namespace starling::agent {

zone_timeline::zone_timeline(size_t changes_max) : changes_max_{changes_max} {
  // nop
}

void zone_timeline::note(std::string_view subject, uint64_t row,
                         trust_zone zone) {
  auto found = zones_.find(subject);
  if (found == zones_.end())
    found = zones_.try_emplace(std::string{subject}).first;
  auto& changes = found->second;
  changes.insert_or_assign(row, zone);
  if (changes.size() > changes_max_)
    changes.erase(changes.begin());
}

trust_zone zone_timeline::zone_at(std::string_view subject,
                                  uint64_t row) const {
  const auto found = zones_.find(subject);
  if (found == zones_.end())
    return trust_zone::trusted;
  const auto after = found->second.upper_bound(row);
  return after == found->second.begin() ? trust_zone::trusted
                                        : std::prev(after)->second;
}

trust_zone zone_timeline::latest(std::string_view subject) const {
  return zone_at(subject, std::numeric_limits<uint64_t>::max());
}

uint64_t zone_timeline::next_change(std::string_view subject,
                                    uint64_t row) const {
  constexpr auto never = std::numeric_limits<uint64_t>::max();
  const auto found = zones_.find(subject);
  if (found == zones_.end())
    return never;
  const auto after = found->second.upper_bound(row);
  return after == found->second.end() ? never : after->first;
}

} // namespace starling::agent
