#include "actors/peer/send_scheduler.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace starling::peer {

namespace {

/// What a priority of weight 1 may send in its turn, bytes. Small against a
/// portion, so that the most urgent waits for little.
constexpr uint64_t level_quantum = 1'024;

failure no_stream(uint16_t channel) {
  return {ec::unknown_name, "no stream on channel " + std::to_string(channel)};
}

} // namespace

send_scheduler::send_scheduler(const options& opts) : opts_{opts} {
  assert(opts.portion_max > 0);
  assert(std::ranges::find(opts.weights, 0U) == opts.weights.end());
  for (uint8_t priority = 0; priority < priorities; ++priority)
    packets_[priority].priority = priority;
}

result<void> send_scheduler::open(uint16_t channel, uint8_t priority,
                                  uint64_t credit) {
  assert(channel != 0 && priority < priorities);
  if (streams_.contains(channel))
    return failure{ec::duplicate_name, "channel " + std::to_string(channel)
                                         + " carries a stream already"};
  if (streams_.size() >= opts_.streams_max)
    return failure{ec::limit_reached, "the session carries "
                                        + std::to_string(opts_.streams_max)
                                        + " streams already (streams_max)"};
  auto& x = streams_[channel];
  x.channel = channel;
  x.priority = priority;
  x.window.emplace(credit);
  return {};
}

bool send_scheduler::close(uint16_t channel) {
  const auto found = streams_.find(channel);
  if (found == streams_.end())
    return false;
  auto& x = found->second;
  waiting_ -= x.bytes;
  x.items.clear();
  x.bytes = 0;
  update(x);
  streams_.erase(found);
  return true;
}

result<void> send_scheduler::push(uint16_t channel,
                                  std::vector<uint8_t> bytes) {
  const auto found = streams_.find(channel);
  if (found == streams_.end())
    return no_stream(channel);
  if (bytes.empty())
    return {};
  return push_to(found->second, std::move(bytes));
}

result<void> send_scheduler::push_packet(uint8_t priority,
                                         std::vector<uint8_t> bytes) {
  assert(priority < priorities && !bytes.empty());
  return push_to(packets_[priority], std::move(bytes));
}

result<void> send_scheduler::grant(uint16_t channel, uint32_t bytes) {
  const auto found = streams_.find(channel);
  if (found == streams_.end())
    return no_stream(channel);
  auto granted = found->second.window->grant(bytes);
  if (granted)
    update(found->second);
  return granted;
}

std::optional<send_scheduler::portion> send_scheduler::next() {
  if (turn_.empty())
    return std::nullopt;
  for (;;) {
    const auto priority = turn_.front();
    auto& here = levels_[priority];
    auto& chosen = choose(here);
    const auto size = next_size(chosen);
    if (here.deficit >= size) {
      here.deficit -= size;
      return take(chosen, size);
    }
    here.deficit += level_quantum * opts_.weights[priority];
    turn_.pop_front();
    turn_.push_back(priority);
  }
}

size_t send_scheduler::waiting_on(uint16_t channel) const {
  const auto found = streams_.find(channel);
  return found == streams_.end() ? 0 : found->second.bytes;
}

result<void> send_scheduler::push_to(queue& to, std::vector<uint8_t> bytes) {
  const auto size = bytes.size();
  if (size > opts_.queue_bytes_max - to.bytes)
    return failure{ec::limit_reached,
                   (to.channel == 0
                      ? "packets of priority " + std::to_string(to.priority)
                      : "the stream on channel " + std::to_string(to.channel))
                     + ": " + std::to_string(to.bytes)
                     + " bytes wait already (queue_bytes_max "
                     + std::to_string(opts_.queue_bytes_max) + ")"};
  if (size > opts_.total_bytes_max - waiting_)
    return failure{ec::limit_reached,
                   "the session: " + std::to_string(waiting_)
                     + " bytes wait already (total_bytes_max "
                     + std::to_string(opts_.total_bytes_max) + ")"};
  to.items.push_back(std::move(bytes));
  to.bytes += size;
  waiting_ += size;
  update(to);
  return {};
}

void send_scheduler::update(queue& x) {
  const auto can_send = next_size(x) > 0;
  if (can_send == x.listed)
    return;
  auto& here = levels_[x.priority];
  x.listed = can_send;
  if (can_send) {
    here.ready.push_back(&x);
  } else {
    std::erase(here.ready, &x);
    // Whoever has nothing to send saves nothing up.
    x.deficit = 0;
  }
  const auto is_ready = !here.ready.empty();
  if (is_ready == here.listed)
    return;
  here.listed = is_ready;
  if (is_ready) {
    turn_.push_back(x.priority);
  } else {
    std::erase(turn_, x.priority);
    here.deficit = 0;
  }
}

size_t send_scheduler::next_size(const queue& x) const {
  if (x.items.empty())
    return 0;
  const auto left = x.items.front().size() - x.offset;
  if (!x.window)
    return left;
  return std::min(
    {left, opts_.portion_max, static_cast<size_t>(x.window->credit())});
}

send_scheduler::queue& send_scheduler::choose(level& x) const {
  for (;;) {
    auto* first = x.ready.front();
    if (first->deficit >= next_size(*first))
      return *first;
    // At least one portion, so that a stream is chosen in its next turn.
    first->deficit += opts_.portion_max;
    x.ready.pop_front();
    x.ready.push_back(first);
  }
}

send_scheduler::portion send_scheduler::take(queue& from, size_t size) {
  auto& item = from.items.front();
  auto result = portion{from.channel, {}};
  if (from.offset + size == item.size()) {
    last_ = std::move(item);
    from.items.pop_front();
    result.bytes = std::span{last_}.subspan(from.offset);
    from.offset = 0;
  } else {
    result.bytes = std::span{item}.subspan(from.offset, size);
    from.offset += size;
  }
  from.bytes -= size;
  from.deficit -= size;
  waiting_ -= size;
  if (from.window)
    from.window->sent(size);
  update(from);
  return result;
}

} // namespace starling::peer
