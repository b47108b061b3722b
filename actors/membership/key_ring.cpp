#include "actors/membership/key_ring.hpp"

#include <algorithm>
#include <utility>

namespace starling::membership {

key_ring::key_ring(admit_fn admit, size_t keys_max,
                   std::shared_ptr<identity::key_shelf> shelf)
  : admit_{std::move(admit)},
    keys_max_{std::max<size_t>(keys_max, 1)},
    shelf_{std::move(shelf)} {
  // nop
}

result<void> key_ring::add(const peer_id& id, std::span<const uint8_t> key,
                           std::span<const uint8_t> credential) {
  const auto known = keys_.find(id);
  if (known != keys_.end()
      && std::ranges::equal(credential, known->second.credential)
      && std::ranges::equal(key, known->second.key.bytes()))
    return {};
  auto parsed = parse(key);
  if (!parsed)
    return parsed.error();
  if (parsed->id() != id)
    return failure{ec::authentication_failed,
                   "record of node " + short_name(id)
                     + ": it comes with the key of node "
                     + short_name(parsed->id())};
  if (auto admitted = admit_(*parsed, credential); !admitted)
    return admitted.error();
  if (known != keys_.end())
    keys_.erase(known);
  else if (keys_.size() >= keys_max_)
    erase(peer_id{keys_.begin()->first});
  const auto is_kept = shelf_ && shelf_->keep(*parsed);
  keys_.emplace(id, entry{is_kept ? std::move(*parsed) : parsed->bare(),
                          {credential.begin(), credential.end()}});
  return {};
}

bool key_ring::verify(const peer_id& id, std::string_view context,
                      std::span<const uint8_t> message,
                      std::span<const uint8_t> signature) const {
  const auto found = keys_.find(id);
  return found != keys_.end()
         && found->second.key.verify(context, message, signature);
}

void key_ring::erase(const peer_id& id) {
  keys_.erase(id);
  if (shelf_)
    shelf_->drop(id);
}

result<identity::public_key>
key_ring::parse(std::span<const uint8_t> key) const {
  return shelf_ ? shelf_->parse(key) : identity::public_key::parse(key);
}

} // namespace starling::membership
