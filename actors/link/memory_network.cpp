#include "actors/link/memory_network.hpp"

#include <algorithm>
#include <limits>

namespace starling::link {

namespace {

/// The time that `bytes` take to enter a pipe, rounded up.
std::chrono::nanoseconds entry_time(size_t bytes, uint64_t bandwidth) {
  if (bandwidth == 0)
    return {};
  const auto seconds
    = static_cast<double>(bytes) / static_cast<double>(bandwidth);
  return std::chrono::nanoseconds{static_cast<int64_t>(seconds * 1e9 + 0.999)};
}

} // namespace

void memory_network::set_path(std::string_view a, std::string_view b,
                              const path& value) {
  for (auto* which : {open_pipe(a, b), open_pipe(b, a)})
    if (which)
      which->settings = value;
}

bool memory_network::send(std::string_view from, std::string_view to,
                          size_t bytes, std::function<void(time_point)> arrive,
                          time_point now) {
  auto* through = open_pipe(from, to);
  if (!through || bytes > opts_.in_flight_max - through->bytes)
    return false;
  through->busy_until = std::max(through->busy_until, now)
                        + entry_time(bytes, through->settings.bandwidth);
  const auto due = through->busy_until + through->settings.delay;
  through->bytes += bytes;
  const auto number = sent_++;
  through->parcels.push_back({due, number, bytes, std::move(arrive)});
  if (through->parcels.size() == 1 && !through->cut)
    agenda_.emplace(agenda_key{due, number}, through);
  return true;
}

void memory_network::cut(std::string_view a, std::string_view b) {
  stop(open_pipe(a, b));
  stop(open_pipe(b, a));
}

void memory_network::heal(std::string_view a, std::string_view b,
                          time_point now) {
  go_on(open_pipe(a, b), now);
  go_on(open_pipe(b, a), now);
}

bool memory_network::is_cut(std::string_view a, std::string_view b) const {
  const auto* which = find(a, b);
  return which && which->cut;
}

std::optional<memory_network::time_point> memory_network::next_due() const {
  if (agenda_.empty())
    return std::nullopt;
  return agenda_.begin()->first.first;
}

size_t memory_network::deliver_due(time_point now) {
  auto count = size_t{0};
  while (!agenda_.empty() && agenda_.begin()->first.first <= now) {
    auto* from = agenda_.begin()->second;
    agenda_.erase(agenda_.begin());
    auto arrived = std::move(from->parcels.front());
    from->parcels.pop_front();
    from->bytes -= arrived.bytes;
    // With a shorter delay set meanwhile the next may have been due before; the
    // queue keeps it from overtaking.
    if (!from->parcels.empty()) {
      const auto& next = from->parcels.front();
      agenda_.emplace(agenda_key{next.due, next.number}, from);
    }
    // May send, cut and heal.
    arrived.arrive(now);
    ++count;
  }
  return count;
}

size_t memory_network::in_flight(std::string_view from,
                                 std::string_view to) const {
  const auto* which = find(from, to);
  return which ? which->bytes : 0;
}

memory_network::pipe* memory_network::open_pipe(std::string_view from,
                                                std::string_view to) {
  auto name = pair_name{from, to};
  if (auto known = pipes_.find(name); known != pipes_.end())
    return &known->second;
  if (pipes_.size() >= opts_.pairs_max)
    return nullptr;
  auto& added = pipes_[std::move(name)];
  added.settings = opts_.default_path;
  return &added;
}

const memory_network::pipe* memory_network::find(std::string_view from,
                                                 std::string_view to) const {
  const auto known = pipes_.find(pair_name{from, to});
  return known == pipes_.end() ? nullptr : &known->second;
}

void memory_network::stop(pipe* which) {
  if (!which || which->cut)
    return;
  which->cut = true;
  if (!which->parcels.empty()) {
    const auto& first = which->parcels.front();
    agenda_.erase({first.due, first.number});
  }
}

void memory_network::go_on(pipe* which, time_point now) {
  if (!which || !which->cut)
    return;
  which->cut = false;
  const auto earliest = now + which->settings.delay;
  for (auto& held : which->parcels)
    held.due = std::max(held.due, earliest);
  if (!which->parcels.empty()) {
    const auto& first = which->parcels.front();
    agenda_.emplace(agenda_key{first.due, first.number}, which);
  }
}

} // namespace starling::link
