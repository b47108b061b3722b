#include "actors/membership/rumour_queue.hpp"

#include <algorithm>

namespace starling::membership {

rumour_queue::place rumour_queue::place_of(const entry& x) {
  return {x.told, UINT64_MAX - x.number, x.content.id};
}

void rumour_queue::add(const rumour& x) {
  erase(x.id);
  const auto fresh = entry{x, 0, ++number_};
  content_.emplace(x.id, fresh);
  order_.insert(place_of(fresh));
}

void rumour_queue::erase(const peer_id& id) {
  const auto found = content_.find(id);
  if (found == content_.end())
    return;
  order_.erase(place_of(found->second));
  content_.erase(found);
}

std::vector<rumour> rumour_queue::take(size_t count_max, size_t tell_max) {
  const auto count = std::min(count_max, order_.size());
  auto chosen = std::vector<peer_id>{};
  for (auto at = order_.begin(); chosen.size() < count; ++at)
    chosen.push_back(std::get<peer_id>(*at));
  auto result = std::vector<rumour>{};
  for (const auto& id : chosen) {
    auto& x = content_.at(id);
    result.push_back(x.content);
    order_.erase(place_of(x));
    if (++x.told >= tell_max)
      content_.erase(id);
    else
      order_.insert(place_of(x));
  }
  return result;
}

} // namespace starling::membership
