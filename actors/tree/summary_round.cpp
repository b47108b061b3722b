#include "actors/tree/summary_round.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::tree {

namespace {

/// Adds each member's agents to the child of `self` that it reports through,
/// and returns the most steps that one is below `self`.
uint32_t count_below(const tree_place& place, const peer_id& self,
                     std::span<const round_member> members,
                     std::map<peer_id, uint64_t>& children) {
  auto height = uint32_t{0};
  for (const auto& member : members) {
    auto at = member.id;
    auto steps = uint32_t{1};
    for (auto above = place.parent_of(at); above; above = place.parent_of(at)) {
      if (*above == self) {
        children[at] += member.agents;
        height = std::max(height, steps);
        break;
      }
      at = *above;
      ++steps;
    }
  }
  return height;
}

} // namespace

result<summary_round> summary_round::make(std::span<const round_member> members,
                                          const peer_id& self, uint64_t epoch,
                                          const options& opts) {
  auto ids = std::vector<peer_id>{};
  for (const auto& member : members)
    ids.push_back(member.id);
  const auto place = tree_place::make(ids, epoch, {.fan_out = opts.fan_out});
  if (!place)
    return place.error();
  if (!place->depth_of(self))
    return failure{ec::invalid_option,
                   fmt::format("tree: node {} is not among the {} members",
                               short_name(self), ids.size())};
  auto empty = quantile_summary::make(opts.summary);
  if (!empty)
    return empty.error();
  auto made = summary_round{opts, std::move(*empty)};
  made.parent_ = place->parent_of(self);
  for (const auto& child : place->children_of(self))
    made.children_.emplace(child, 0);
  made.height_ = count_below(*place, self, members, made.children_);
  return made;
}

summary_round::summary_round(const options& opts, quantile_summary empty)
  : opts_{opts},
    empty_{std::move(empty)},
    total_{empty_} {
  // nop
}

result<void> summary_round::add_agent(const std::string& subject,
                                      std::span<const double> levels) {
  if (levels.size() > opts_.levels_max)
    return failure{ec::limit_reached,
                   fmt::format("tree: {} levels of '{}', at most {} "
                               "(levels_max)",
                               levels.size(), subject, opts_.levels_max)};
  if (levels.empty() || !agents_heard_.insert(subject).second)
    return {};
  // Apart first: `total_` takes the agent in as a whole, with weight 1.
  auto own = empty_;
  const auto weight = 1.0 / static_cast<double>(levels.size());
  for (auto level : levels)
    own.add(level, weight);
  total_.merge(own);
  return {};
}

result<void> summary_round::add_child(const peer_id& child,
                                      const summary_parts& parts) {
  const auto found = children_.find(child);
  if (found == children_.end())
    return failure{ec::permission_denied,
                   fmt::format("tree: node {} is no child of this one in this "
                               "epoch",
                               short_name(child))};
  if (children_heard_.contains(child))
    return {};
  const auto decoded = quantile_summary::decode(
    parts, static_cast<double>(found->second), opts_.summary);
  if (!decoded)
    return decoded.error();
  children_heard_.insert(child);
  total_.merge(*decoded);
  return {};
}

bool summary_round::complete(const std::set<std::string>& expected) const {
  const auto heard = [this](const auto& child) {
    return child.second == 0 || children_heard_.contains(child.first);
  };
  return std::ranges::includes(agents_heard_, expected)
         && std::ranges::all_of(children_, heard);
}

} // namespace starling::tree
