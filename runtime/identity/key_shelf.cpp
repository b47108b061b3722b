#include "runtime/identity/key_shelf.hpp"

#include <algorithm>

namespace starling::identity {

result<public_key> key_shelf::parse(std::span<const uint8_t> bytes) const {
  const auto id = node_id_of(bytes);
  {
    const auto guard = std::lock_guard{mutex_};
    if (const auto found = keys_.find(id);
        found != keys_.end()
        && std::ranges::equal(found->second.bytes(), bytes))
      return found->second;
  }
  auto parsed = public_key::parse(bytes);
  if (!parsed)
    return parsed.error();
  return parsed->made_ready();
}

bool key_shelf::keep(const public_key& key) {
  const auto guard = std::lock_guard{mutex_};
  if (keys_.contains(key.id()))
    return true;
  if (keys_.size() >= keys_max_)
    return false;
  keys_.emplace(key.id(), key.is_ready() ? key : key.made_ready());
  return true;
}

void key_shelf::drop(const peer_id& id) {
  const auto guard = std::lock_guard{mutex_};
  keys_.erase(id);
}

size_t key_shelf::size() const {
  const auto guard = std::lock_guard{mutex_};
  return keys_.size();
}

} // namespace starling::identity
