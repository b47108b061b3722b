#include "actors/router/topology.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace starling::router {

namespace {

failure malformed(const peer_id& node, const char* what) {
  return {ec::malformed_input,
          "links of node " + short_name(node) + ": " + what};
}

/// Comparisons are written so that NaN fails them.
bool is_sound(const link_state& x) {
  return x.reliability >= 0.0F && x.reliability <= 1.0F && x.cost >= 0.0F
         && x.cost <= link_cost_max;
}

/// Sorts the links. @pre none leads to `x.node`.
result<void> check(advert& x) {
  std::ranges::sort(x.links, {}, &link_state::neighbour);
  const auto twice
    = std::ranges::adjacent_find(x.links, {}, &link_state::neighbour);
  if (twice != x.links.end())
    return malformed(x.node, "one neighbour is named twice");
  for (const auto& link : x.links) {
    if (link.neighbour == x.node)
      return malformed(x.node, "one leads to the node itself");
    if (!is_sound(link))
      return malformed(x.node, "a reliability or a cost is out of range");
  }
  return {};
}

} // namespace

topology::topology(const options& opts) : opts_{opts} {
  // nop
}

topology::topology() : topology{options{}} {
  // nop
}

result<bool> topology::apply(advert x, clock::time_point now) {
  if (x.links.size() > opts_.links_max)
    return failure{ec::limit_reached,
                   "node " + short_name(x.node) + " has "
                     + std::to_string(x.links.size()) + " links, at most "
                     + std::to_string(opts_.links_max) + " are taken"};
  if (auto sound = check(x); !sound)
    return sound.error();
  auto known = entries_.find(x.node);
  if (known == entries_.end()) {
    if (entries_.size() >= opts_.nodes_max)
      return failure{ec::limit_reached,
                     "the topology is full: " + std::to_string(opts_.nodes_max)
                       + " nodes"};
    const auto node = x.node;
    entries_.emplace(node, entry{std::move(x), now});
    ++revision_;
    return true;
  }
  auto& [content, renewed] = known->second;
  if (x.sequence <= content.sequence)
    return false;
  renewed = now;
  content.sequence = x.sequence;
  if (x.links == content.links)
    return false;
  content.links = std::move(x.links);
  ++revision_;
  return true;
}

bool topology::remove(const peer_id& node) {
  if (entries_.erase(node) == 0)
    return false;
  ++revision_;
  return true;
}

size_t topology::expire(clock::time_point now) {
  const auto count = std::erase_if(entries_, [&](const auto& item) {
    return now - item.second.renewed > opts_.lifetime;
  });
  if (count > 0)
    ++revision_;
  return count;
}

const advert* topology::find(const peer_id& node) const {
  const auto found = entries_.find(node);
  return found == entries_.end() ? nullptr : &found->second.content;
}

const link_state* topology::usable_link(const peer_id& from,
                                        const peer_id& to) const {
  const auto* there = link_of(from, to);
  if (there == nullptr || there->reliability <= 0.0F)
    return nullptr;
  const auto* back = link_of(to, from);
  return back != nullptr && back->reliability > 0.0F ? there : nullptr;
}

std::vector<peer_id> topology::nodes() const {
  auto result = std::vector<peer_id>{};
  result.reserve(entries_.size());
  for (const auto& [node, content] : entries_)
    result.push_back(node);
  std::ranges::sort(result);
  return result;
}

const link_state* topology::link_of(const peer_id& from,
                                    const peer_id& to) const {
  const auto* content = find(from);
  if (content == nullptr)
    return nullptr;
  const auto found
    = std::ranges::lower_bound(content->links, to, {}, &link_state::neighbour);
  return found != content->links.end() && found->neighbour == to ? &*found
                                                                 : nullptr;
}

} // namespace starling::router
