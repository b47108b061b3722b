#include "actors/membership/membership_table.hpp"

#include <string>
#include <utility>

namespace starling::membership {

namespace {

clock::physical_time time_of(const record_version& x) {
  return clock::timestamp{x.timestamp}.physical();
}

failure forged(const peer_id& id) {
  return {ec::authentication_failed,
          "record of node " + short_name(id)
            + ": its signature is not that of the node"};
}

} // namespace

membership_table::membership_table(const options& opts) : opts_{opts} {
  // nop
}

membership_table::membership_table() : membership_table{options{}} {
  // nop
}

result<merge_outcome> membership_table::merge(signed_record x,
                                              clock::physical_time now,
                                              const wire::verify_fn& verify) {
  const auto id = x.content.id;
  const auto version = x.content.version;
  if (time_of(version) > now + opts_.ahead_max)
    return failure{ec::protocol_violation,
                   "record of node " + short_name(id)
                     + " comes from the future; check the clocks"};
  const auto known = records_.find(id);
  if (has_expired(version, now)
      || (known != records_.end() && version < known->second.content.version))
    return merge_outcome::ignored;
  if (known != records_.end() && version == known->second.content.version) {
    if (x.body == known->second.body || !is_authentic(x, verify))
      return merge_outcome::ignored;
    return failure{ec::protocol_violation,
                   "node " + short_name(id)
                     + " has signed two records under one version"};
  }
  if (known == records_.end() && records_.size() >= opts_.members_max)
    return failure{ec::limit_reached, "record of node " + short_name(id)
                                        + ": the table holds "
                                        + std::to_string(opts_.members_max)
                                        + " nodes already (members_max)"};
  if (!is_authentic(x, verify))
    return forged(id);
  const auto has_left = x.content.left;
  if (known == records_.end()) {
    records_.emplace(id, std::move(x));
    return has_left ? merge_outcome::left : merge_outcome::added;
  }
  const auto came_back = known->second.content.left && !has_left;
  known->second = std::move(x);
  return has_left    ? merge_outcome::left
         : came_back ? merge_outcome::added
                     : merge_outcome::updated;
}

std::vector<peer_id> membership_table::expire(clock::physical_time now) {
  auto result = std::vector<peer_id>{};
  std::erase_if(records_, [&](const auto& item) {
    if (!has_expired(item.second.content.version, now))
      return false;
    result.push_back(item.first);
    return true;
  });
  return result;
}

bool membership_table::erase(const peer_id& id) {
  return records_.erase(id) > 0;
}

const signed_record* membership_table::find(const peer_id& id) const {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

std::vector<peer_id> membership_table::members() const {
  auto result = std::vector<peer_id>{};
  for (const auto& [id, record] : records_)
    if (!record.content.left)
      result.push_back(id);
  return result;
}

bool membership_table::has_expired(const record_version& x,
                                   clock::physical_time now) const {
  return time_of(x) + opts_.lifetime < now;
}

} // namespace starling::membership
