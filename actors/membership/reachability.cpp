#include "actors/membership/reachability.hpp"

#include <algorithm>

namespace starling::membership {

namespace {

bool names(const signed_record& from, const peer_id& to) {
  return std::ranges::any_of(from.content.neighbours,
                             [&](const auto& x) { return x.id == to; });
}

} // namespace

reachability::reachability(const peer_id& self, const options& opts)
  : self_{self},
    opts_{opts} {
  // nop
}

std::vector<peer_id> reachability::update(const membership_table& table,
                                          const neighbour_map& neighbours,
                                          clock::time_point now) {
  const auto alive = reached(table, neighbours);
  auto changed = std::vector<peer_id>{};
  std::erase_if(verdicts_, [&](const auto& item) {
    const auto* record = table.find(item.first);
    return !record || record->content.left;
  });
  for (const auto& [id, record] : table.records()) {
    if (id == self_ || record.content.left)
      continue;
    const auto [at, is_new] = verdicts_.try_emplace(id);
    if (is_new)
      at->second.since = now;
    const auto near = neighbours.find(id);
    const auto probed = near == neighbours.end() ? std::nullopt : near->second;
    const auto state = judge(at->second, alive.contains(id), probed, now);
    if (state != at->second.state || is_new)
      changed.push_back(id);
    at->second.state = state;
  }
  return changed;
}

liveness reachability::state_of(const peer_id& id) const {
  const auto found = verdicts_.find(id);
  return found == verdicts_.end() ? liveness::alive : found->second.state;
}

std::set<peer_id> reachability::reached(const membership_table& table,
                                        const neighbour_map& neighbours) const {
  auto result = std::set<peer_id>{};
  auto open = std::vector<peer_id>{};
  const auto enter = [&](const peer_id& id) {
    if (id != self_ && result.insert(id).second)
      open.push_back(id);
  };
  for (const auto& [id, probed] : neighbours)
    if (probed != liveness::dead)
      enter(id);
  while (!open.empty()) {
    const auto id = open.back();
    open.pop_back();
    const auto* record = table.find(id);
    if (!record || record->content.left)
      continue;
    for (const auto& next : record->content.neighbours) {
      // A neighbour of ours that is dead to us is not saved by others' records:
      // those are older than our probes.
      const auto near = neighbours.find(next.id);
      if (near != neighbours.end() && near->second == liveness::dead)
        continue;
      const auto* other = table.find(next.id);
      if (other && !other->content.left && names(*other, id))
        enter(next.id);
    }
  }
  return result;
}

liveness reachability::judge(verdict& x, bool is_reached,
                             std::optional<liveness> probed,
                             clock::time_point now) const {
  if (is_reached) {
    x.was_reached = true;
    x.since = now;
    return probed.value_or(liveness::alive);
  }
  const auto waited = now - x.since >= opts_.dead_after;
  if (probed == liveness::dead || waited || x.state == liveness::dead)
    return liveness::dead;
  if (!x.was_reached && x.state == liveness::alive)
    return liveness::alive;
  return liveness::suspect;
}

} // namespace starling::membership
