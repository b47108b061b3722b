#include "actors/tree/tree_place.hpp"

#include <botan/exceptn.h>
#include <botan/hash.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace starling::tree {

namespace {

using digest = std::array<uint8_t, 32>;

constexpr std::string_view purpose = "starling tree place 1";

template <class T>
void update_big_endian(Botan::HashFunction& hash, T value) {
  auto bytes = std::array<uint8_t, sizeof(T)>{};
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
  hash.update(bytes);
}

digest digest_of(Botan::HashFunction& hash, const peer_id& member,
                 uint64_t epoch, uint32_t replica) {
  hash.update(purpose);
  hash.update(member.bytes);
  update_big_endian(hash, epoch);
  update_big_endian(hash, replica);
  auto result = digest{};
  hash.final(result);
  return result;
}

} // namespace

result<std::vector<peer_id>>
tree_place::order_of(std::span<const peer_id> members, uint64_t epoch,
                     const options& opts) {
  if (opts.fan_out < 2 || opts.fan_out > 64)
    return failure{
      ec::invalid_option,
      fmt::format("tree: fan_out is {}; give 2 to 64", opts.fan_out)};
  if (members.size() > opts.members_max)
    return failure{ec::limit_reached,
                   fmt::format("tree: {} members, at most {} (members_max)",
                               members.size(), opts.members_max)};
  try {
    auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    auto keyed = std::vector<std::pair<digest, peer_id>>{};
    keyed.reserve(members.size());
    for (const auto& member : members)
      keyed.emplace_back(digest_of(*hash, member, epoch, opts.replica), member);
    std::ranges::sort(keyed);
    const auto doubles = std::ranges::unique(keyed);
    keyed.erase(doubles.begin(), doubles.end());
    auto order = std::vector<peer_id>{};
    order.reserve(keyed.size());
    for (const auto& [key, member] : keyed)
      order.push_back(member);
    return order;
  } catch (const Botan::Exception& error) {
    return failure{ec::wrong_state,
                   fmt::format("tree: SHA-256 failed: {}", error.what())};
  }
}

result<tree_place> tree_place::make(std::span<const peer_id> members,
                                    uint64_t epoch, const options& opts) {
  auto order = order_of(members, epoch, opts);
  if (!order)
    return order.error();
  auto made = tree_place{opts};
  made.order_ = std::move(*order);
  for (size_t i = 0; i < made.order_.size(); ++i)
    made.places_.emplace_back(made.order_[i], i);
  std::ranges::sort(made.places_);
  return made;
}

tree_place::tree_place(const options& opts) : opts_{opts} {
  // nop
}

std::optional<peer_id> tree_place::parent_of(const peer_id& member) const {
  const auto place = place_of(member);
  if (!place || *place == 0)
    return std::nullopt;
  return order_[(*place - 1) / opts_.fan_out];
}

std::vector<peer_id> tree_place::children_of(const peer_id& member) const {
  auto children = std::vector<peer_id>{};
  if (const auto place = place_of(member)) {
    const auto first = std::min(*place * opts_.fan_out + 1, order_.size());
    const auto last = std::min(first + opts_.fan_out, order_.size());
    for (auto i = first; i < last; ++i)
      children.push_back(order_[i]);
  }
  return children;
}

size_t tree_place::members_below(const peer_id& member) const {
  const auto place = place_of(member);
  if (!place)
    return 0;
  // Level by level, the places below one member are neighbours.
  auto first = *place;
  auto last = *place + 1;
  size_t count = 0;
  while (first < order_.size()) {
    count += std::min(last, order_.size()) - first;
    first = first * opts_.fan_out + 1;
    last = (last - 1) * opts_.fan_out + opts_.fan_out + 1;
  }
  return count;
}

std::optional<peer_id> tree_place::root() const {
  if (order_.empty())
    return std::nullopt;
  return order_.front();
}

std::optional<size_t> tree_place::depth_of(const peer_id& member) const {
  auto place = place_of(member);
  if (!place)
    return std::nullopt;
  size_t depth = 0;
  for (auto i = *place; i > 0; i = (i - 1) / opts_.fan_out)
    ++depth;
  return depth;
}

std::optional<size_t> tree_place::place_of(const peer_id& member) const {
  const auto at = std::ranges::lower_bound(places_, member, std::ranges::less{},
                                           &std::pair<peer_id, size_t>::first);
  if (at == places_.end() || at->first != member)
    return std::nullopt;
  return at->second;
}

} // namespace starling::tree
