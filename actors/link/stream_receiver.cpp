#include "actors/link/stream_receiver.hpp"

#include <algorithm>
#include <iterator>

namespace starling::link {

stream_receiver::outcome stream_receiver::take(uint64_t offset,
                                               std::span<const uint8_t> bytes,
                                               bool end) {
  using enum outcome;
  auto part = byte_range{offset, offset + bytes.size()};
  const auto highest
    = islands_.empty() ? next_ : std::prev(islands_.end())->second;
  if (end && (end_ ? *end_ != part.end : part.end < highest))
    return refused;
  if (end_ && part.end > *end_)
    return refused;
  if (part.end > right_edge()) {
    if (part.begin >= right_edge())
      return refused;
    bytes = bytes.first(static_cast<size_t>(right_edge() - part.begin));
    part.end = right_edge();
    end = false;
  }
  const auto new_end = end && !end_;
  if (new_end)
    end_ = part.end;
  if (part.end <= next_)
    return new_end && has_end() ? progress : duplicate;
  if (part.begin < next_) {
    bytes = bytes.subspan(static_cast<size_t>(next_ - part.begin));
    part.begin = next_;
  }
  // The end alone, before what it ends: an island without bytes would be
  // reported as a range that the other side has to refuse.
  if (part.begin == part.end)
    return new_end ? early : duplicate;
  const auto result = insert(part);
  if (result == progress || result == early)
    kept_.write(part.begin, bytes);
  return result;
}

/// Notes that a part has arrived, unless it may not.
stream_receiver::outcome stream_receiver::insert(byte_range part) {
  using enum outcome;
  // The first island that the part may touch: the one before it, or the next.
  auto from = islands_.upper_bound(part.begin);
  if (from != islands_.begin() && std::prev(from)->second >= part.begin)
    --from;
  if (from != islands_.end() && from->first <= part.begin
      && from->second >= part.end)
    return duplicate;
  const auto touches = from != islands_.end() && from->first <= part.end;
  if (part.begin > next_ && !touches && islands_.size() >= opts_.gaps_max)
    return refused;
  for (; from != islands_.end() && from->first <= part.end;
       from = islands_.erase(from)) {
    part.begin = std::min(part.begin, from->first);
    part.end = std::max(part.end, from->second);
  }
  if (part.begin <= next_) {
    next_ = part.end;
    return progress;
  }
  islands_.emplace(part.begin, part.end);
  newest_ = part.begin;
  return early;
}

void stream_receiver::report(stream_segment& to) const {
  to.range_count = 0;
  const auto add = [&to](const auto& island) {
    to.ranges[to.range_count++] = {island.first, island.second};
  };
  // A range that reaches up to the ack would contradict it.
  const auto newest = islands_.find(newest_);
  if (newest != islands_.end() && newest->first > ack())
    add(*newest);
  for (auto at = islands_.begin();
       at != islands_.end() && to.range_count < to.ranges.size(); ++at)
    if (at != newest && at->first > ack())
      add(*at);
}

} // namespace starling::link
