#include "actors/router/forwarding.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace starling::router {

namespace {

ec code_of(verdict x) {
  switch (x) {
    case verdict::ttl_exceeded:
      return ec::ttl_exceeded;
    case verdict::quarantined:
      return ec::quarantined;
    case verdict::loop:
      return ec::protocol_violation;
    default:
      return ec::unreachable;
  }
}

bool names(const std::vector<route_hop>& route, const peer_id& node) {
  return std::ranges::any_of(
    route, [&](const route_hop& hop) { return hop.peer == node; });
}

} // namespace

std::string_view name_of(verdict x) {
  switch (x) {
    case verdict::deliver:
      return "deliver";
    case verdict::forward:
      return "forward";
    case verdict::duplicate:
      return "duplicate";
    case verdict::ttl_exceeded:
      return "ttl_exceeded";
    case verdict::unreachable:
      return "unreachable";
    case verdict::loop:
      return "loop";
    case verdict::quarantined:
      return "quarantined";
  }
  return "unknown";
}

recent_packets::recent_packets(size_t packets_max, const hash::sip_key& key)
  : key_{key},
    generation_max_{packets_max / 2} {
  assert(packets_max >= 2);
}

bool recent_packets::insert(const peer_id& source, const packet_id& id) {
  const auto wanted = name_of(source, id);
  if (contains(wanted))
    return false;
  if (young_.size() >= generation_max_) {
    std::swap(young_, old_);
    young_.clear();
  }
  young_.insert(wanted);
  return true;
}

bool recent_packets::contains(const peer_id& source,
                              const packet_id& id) const {
  return contains(name_of(source, id));
}

bool recent_packets::contains(const name& wanted) const {
  return young_.contains(wanted) || old_.contains(wanted);
}

recent_packets::name recent_packets::name_of(const peer_id& source,
                                             const packet_id& id) const {
  auto result = name{};
  std::ranges::copy(source.bytes, result.bytes.begin());
  std::ranges::copy(id.bytes, result.bytes.begin() + peer_id::size);
  result.hash = hash::sip_hash(key_, result.bytes);
  return result;
}

forwarder::forwarder(const peer_id& self, const options& opts,
                     clock::time_point now)
  : self_{self},
    recent_{opts.packets_max, opts.hash_key},
    error_budget_{{opts.errors_per_second, opts.errors_burst}, now} {
  // nop
}

decision forwarder::decide(const packet& head, const peer_id& from,
                           clock::time_point now, const lookup_fn& lookup,
                           const quarantine_fn& is_quarantined) {
  const auto from_here = from == self_;
  if (!from_here && (head.source == self_ || names(head.route, self_)))
    return give_up(verdict::loop, "the packet was here before", head, now);
  if (recent_.contains(head.source, head.id))
    return {verdict::duplicate, {}, std::nullopt};
  // What is for this node may have come through one that others still trust: it
  // is encrypted end to end, and refusing it would cut the sender off, too.
  const auto is_for_us = head.destination == self_;
  for (const auto& node : {head.source, from, head.destination})
    if (node != self_ && is_quarantined(node)
        && !(is_for_us && node == from && from != head.source))
      return give_up(verdict::quarantined,
                     "node " + short_name(node) + " is cut off", head, now);
  if (head.destination == self_) {
    recent_.insert(head.source, head.id);
    return {verdict::deliver, {}, std::nullopt};
  }
  if (head.ttl == 0)
    return give_up(verdict::ttl_exceeded,
                   "no hop is left after " + std::to_string(head.hop_count),
                   head, now);
  auto next = lookup(head.destination);
  if (!next) {
    const auto why = next.error().code == ec::quarantined
                       ? verdict::quarantined
                       : verdict::unreachable;
    return give_up(why, next.error().text, head, now);
  }
  // Whoever sent it here knows less or more than we do; it would only send it
  // here again.
  if (!from_here && *next == from)
    return give_up(verdict::unreachable,
                   "the way leads back over node " + short_name(from), head,
                   now);
  // Only what goes on is remembered, so that the source may try again.
  recent_.insert(head.source, head.id);
  return {verdict::forward, *next, std::nullopt};
}

decision forwarder::give_up(verdict why, std::string detail, const packet& head,
                            clock::time_point now) {
  auto result = decision{why, {}, std::nullopt, std::move(detail)};
  if (!head.has(packet_flag::error) && head.source != self_
      && error_budget_.take(1, now))
    result.error = routing_error{code_of(why), head.id, head.destination, self_,
                                 result.detail};
  return result;
}

} // namespace starling::router
