#include "actors/tree/round_plan.hpp"

#include <algorithm>
#include <utility>

namespace starling::tree {

result<round_plan> round_plan::make(std::span<const round_member> members,
                                    uint64_t epoch,
                                    const committee_place::options& opts) {
  auto ids = std::vector<peer_id>{};
  ids.reserve(members.size());
  for (const auto& member : members)
    ids.push_back(member.id);
  auto place = committee_place::make(ids, epoch, opts);
  if (!place)
    return place.error();
  auto plan = round_plan{std::move(*place)};
  auto sorted = std::vector<round_member>{};
  if (!std::ranges::is_sorted(members, {}, &round_member::id)) {
    sorted.assign(members.begin(), members.end());
    std::ranges::stable_sort(sorted, {}, &round_member::id);
    members = sorted;
  }
  auto next = members.begin();
  for (const auto at : plan.place_.places_by_id()) {
    // One that is named twice counts as named first.
    while (next->id != plan.place_.member_at(at))
      ++next;
    plan.agents_[at] = next->agents;
    plan.below_[plan.place_.committee_at(at)] += next->agents;
  }
  // Those below have higher numbers.
  for (auto i = plan.below_.size(); i-- > 1;)
    plan.below_[*plan.place_.above(i)] += plan.below_[i];
  return plan;
}

round_plan::round_plan(committee_place place)
  : place_{std::move(place)},
    agents_(place_.members()),
    below_(place_.committees()) {
  // nop
}

uint32_t round_plan::agents_of(const peer_id& member) const {
  const auto found = place_.place_of(member);
  return found ? agents_[*found] : 0;
}

} // namespace starling::tree
