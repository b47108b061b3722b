#include "actors/tree/committee_place.hpp"

#include "actors/tree/tree_place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace starling::tree {

namespace {

constexpr size_t width_max = 1024;

} // namespace

result<committee_place> committee_place::make(std::span<const peer_id> members,
                                              uint64_t epoch,
                                              const options& opts) {
  if (opts.width < 1 || opts.width > width_max)
    return failure{ec::invalid_option,
                   fmt::format("tree: a committee of {}; give 1 to {}",
                               opts.width, width_max)};
  auto order = tree_place::order_of(members, epoch,
                                    {.fan_out = opts.fan_out,
                                     .members_max = opts.members_max,
                                     .replica = opts.replica});
  if (!order)
    return order.error();
  auto result = committee_place{opts};
  result.order_ = std::move(*order);
  const auto size = result.order_.size();
  result.places_.resize(size);
  std::iota(result.places_.begin(), result.places_.end(), 0U);
  std::ranges::sort(result.places_, {}, [&](uint32_t i) -> const peer_id& {
    return result.order_[i];
  });
  result.committees_ = size == 0 ? 0 : std::max<size_t>(1, size / opts.width);
  return result;
}

committee_place::committee_place(const options& opts) : opts_{opts} {
  // nop
}

std::optional<size_t> committee_place::place_of(const peer_id& member) const {
  const auto at = std::ranges::lower_bound(
    places_, member, {},
    [this](uint32_t i) -> const peer_id& { return order_[i]; });
  if (at == places_.end() || order_[*at] != member)
    return std::nullopt;
  return *at;
}

std::optional<size_t>
committee_place::committee_of(const peer_id& member) const {
  if (const auto place = place_of(member))
    return committee_at(*place);
  return std::nullopt;
}

size_t committee_place::committee_at(size_t place) const {
  assert(place < order_.size());
  // The inverse of `first_of`, which rounds down.
  auto committee = place * committees_ / order_.size();
  while (committee + 1 < committees_ && first_of(committee + 1) <= place)
    ++committee;
  return committee;
}

std::span<const peer_id> committee_place::members_of(size_t committee) const {
  assert(committee < committees_);
  const auto first = first_of(committee);
  return std::span{order_}.subspan(first, first_of(committee + 1) - first);
}

std::optional<size_t> committee_place::above(size_t committee) const {
  if (committee == 0)
    return std::nullopt;
  return (committee - 1) / opts_.fan_out;
}

std::vector<size_t> committee_place::below(size_t committee) const {
  auto result = std::vector<size_t>{};
  const auto first = std::min(committee * opts_.fan_out + 1, committees_);
  const auto last = std::min(first + opts_.fan_out, committees_);
  for (auto i = first; i < last; ++i)
    result.push_back(i);
  return result;
}

uint32_t committee_place::height_of(size_t committee) const {
  auto height = uint32_t{0};
  // The first one below is never higher up than its neighbours.
  for (auto at = committee * opts_.fan_out + 1; at < committees_;
       at = at * opts_.fan_out + 1)
    ++height;
  return height;
}

/// Committees differ by one member at most.
size_t committee_place::first_of(size_t committee) const {
  return committee * order_.size() / committees_;
}

} // namespace starling::tree
