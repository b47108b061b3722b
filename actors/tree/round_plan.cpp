#include "actors/tree/round_plan.hpp"

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
  auto seen = std::vector<bool>(plan.agents_.size());
  for (const auto& member : members) {
    const auto at = *plan.place_.place_of(member.id);
    if (seen[at])
      continue;
    seen[at] = true;
    plan.agents_[at] = member.agents;
    plan.below_[*plan.place_.committee_of(member.id)] += member.agents;
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
