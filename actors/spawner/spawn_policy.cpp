#include "actors/spawner/spawn_policy.hpp"

#include <algorithm>
#include <utility>

namespace starling::spawner {

spawn_policy::spawn_policy(const peer_id& self,
                           std::vector<spawn_permission> permissions,
                           size_t actors_max)
  : self_{self},
    permissions_{std::move(permissions)},
    actors_max_{actors_max} {
  // nop
}

result<void> spawn_policy::check(const peer_id& asker, const std::string& type,
                                 const standing& trusted) const {
  if (asker != self_ && is_cut_off(trusted.zone))
    return failure{ec::quarantined,
                   "node " + short_name(asker) + " is "
                     + std::string{name_of(trusted.zone)}
                     + " here and spawns nothing until it recovers"};
  if (alive_ >= actors_max_)
    return failure{ec::limit_reached, "this node has "
                                        + std::to_string(actors_max_)
                                        + " actors, its bound"};
  if (asker == self_)
    return {};
  const auto found = alive_of_.find(asker);
  const auto alive = found != alive_of_.end() ? found->second : 0;
  auto quota = std::optional<uint32_t>{};
  for (const auto& permission : permissions_) {
    const auto names_asker = !permission.from || *permission.from == asker;
    const auto names_type
      = std::any_of(permission.types.begin(), permission.types.end(),
                    [&type](const auto& x) { return x == "*" || x == type; });
    if (names_asker && names_type)
      quota = std::max(quota.value_or(0), permission.quota);
  }
  if (!quota)
    return failure{ec::permission_denied,
                   "node " + short_name(asker) + " may not spawn '" + type
                     + "' here; see [[spawn.allow]] in this node's file"};
  const auto share
    = trusted.proven ? *quota : std::max(*quota / 2, uint32_t{1});
  if (alive >= share)
    return failure{ec::limit_reached,
                   "node " + short_name(asker) + " has " + std::to_string(alive)
                     + " actors here, "
                     + (trusted.proven
                          ? "its quota in [[spawn.allow]]"
                          : "half of its quota in [[spawn.allow]], which is "
                            "what it gets below trust_threshold")};
  return {};
}

void spawn_policy::note_spawned(const peer_id& asker) {
  ++alive_;
  ++alive_of_[asker];
}

void spawn_policy::note_ended(const peer_id& asker) {
  auto found = alive_of_.find(asker);
  if (found == alive_of_.end())
    return;
  --alive_;
  if (--found->second == 0)
    alive_of_.erase(found);
}

} // namespace starling::spawner
