// What leaves this node: messages to proxies, monitors, credit from peers.

#include "runtime/basp/session_broker.hpp"
#include "runtime/basp/session_proxy.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace starling::basp {

void session_broker::forward(caf::strong_actor_ptr& origin,
                             const std::vector<caf::strong_actor_ptr>& stages,
                             caf::strong_actor_ptr& receiver,
                             caf::message_id mid, const caf::message& content) {
  if (!receiver || receiver->node() == system().node())
    return;
  auto& backlog = static_cast<session_proxy*>(receiver->get())->backlog();
  backlog.leave();
  if (origin && origin->node() != system().node()) {
    // Such a message would have to be routed, which ends the stream.
    bounce(origin, mid,
           caf::make_error(ec::permission_denied,
                           "a request of one node can't be handed on to an "
                           "actor of another"));
    return;
  }
  if (origin)
    system().registry().put(origin->id(), origin);
  auto* to = find(receiver->node());
  if (!to || !to->up) {
    wait_for_node({origin, stages, receiver, mid, content});
    return;
  }
  if (const auto lost = backlog.take_lost(); lost > 0)
    note_dropped(*to, lost);
  auto& where = destination_of(*to, receiver->id());
  // What is parked goes first, or messages would overtake each other.
  to_scratch_ = !where.parked.empty() || !where.window.open(limits_.flow);
  auto& buffer = to_scratch_ ? scratch_ : to->out;
  const auto begin = buffer.size();
  const auto written
    = instance.dispatch(context(), origin, stages, receiver->node(),
                        receiver->id(), 0, mid, content);
  const auto parked = std::exchange(to_scratch_, false);
  const auto size = buffer.size() - begin;
  backlog.note_size(size);
  if (!written || size > limits_.payload_max) {
    buffer.resize(begin);
    bounce(origin, mid,
           caf::make_error(ec::limit_reached,
                           "message of " + std::to_string(size)
                             + " bytes; max_packet_size is "
                             + std::to_string(limits_.payload_max)));
    return;
  }
  open_reach(*to, origin, caf::make_span(buffer.data() + begin, size), content);
  if (origin && mid.is_request())
    to->asked.add(origin->id(), mid.request_id().integer_value());
  if (parked) {
    auto bytes = caf::byte_buffer{};
    bytes.swap(scratch_);
    park(*to, where, {std::move(bytes), origin, mid});
  } else {
    where.window.note_sent(size);
    drain_if_large(*to);
  }
}

void session_broker::wait_for_node(waiting_message msg) {
  const auto node = msg.receiver->node();
  if (!mesh_
      || (!waiting_.contains(node)
          && waiting_.size() >= limits_.nodes_waiting_max)) {
    bounce(msg.sender, msg.mid,
           caf::make_error(caf::exit_reason::remote_link_unreachable));
    return;
  }
  const auto first = !waiting_.contains(node);
  auto& queue = waiting_[node];
  if (queue.size() >= limits_.waiting_max) {
    bounce(msg.sender, msg.mid,
           caf::make_error(ec::limit_reached,
                           "too many messages wait for a session"));
    return;
  }
  queue.push_back(std::move(msg));
  if (first)
    open_session(node);
}

void session_broker::open_session(const caf::node_id& node) {
  request(mesh_, caf::infinite, connect_node{node})
    .then(
      [this, node](const peer_services&) {
        // Usually `learned_new_node_directly` was here first.
        if (auto* found = find(node); found && found->up)
          node_is_reachable(node);
        else
          node_is_unreachable(node, caf::make_error(ec::unreachable));
      },
      [this, node](const caf::error& reason) {
        node_is_unreachable(node, reason);
      });
}

void session_broker::node_is_reachable(const caf::node_id& node) {
  // Proxies that were made before the stream stood get their monitors now.
  for (const auto& proxy : proxies().get_all(node))
    watch(proxy);
  auto found = waiting_.find(node);
  if (found == waiting_.end())
    return;
  auto queue = std::move(found->second);
  waiting_.erase(found);
  for (auto& msg : queue)
    forward(msg.sender, msg.stages, msg.receiver, msg.mid, msg.content);
}

void session_broker::node_is_unreachable(const caf::node_id& node,
                                         const caf::error& reason) {
  auto found = waiting_.find(node);
  if (found != waiting_.end()) {
    auto queue = std::move(found->second);
    waiting_.erase(found);
    for (auto& msg : queue)
      bounce(msg.sender, msg.mid, reason);
  }
  if (!find(node))
    proxies().erase(node);
}

void session_broker::open_reach(stream& to, const caf::strong_actor_ptr& origin,
                                caf::span<const caf::byte> written,
                                const caf::message& content) {
  if (origin)
    open_reach(to, origin->id());
  if (!finder_.suspects(written))
    return;
  for (auto id : finder_.local_handles(content, context())) {
    open_reach(to, id);
    if (to.reach.contains(id))
      to.given.insert(id);
    lend(id);
  }
}

/// A handle travels on: its receiver may hand it to a third node, which comes
/// here with nothing but the actor's id to show for it.
void session_broker::lend(caf::actor_id actor) {
  if (lent_.contains(actor))
    return;
  if (lent_.size() >= std::min(lent_sweep_, limits_.reach_max)) {
    std::erase_if(lent_, [this](caf::actor_id id) {
      return system().registry().get(id) == nullptr;
    });
    lent_sweep_ = std::max<size_t>(1'024, 2 * lent_.size());
  }
  if (lent_.size() < limits_.reach_max)
    lent_.insert(actor);
}

bool session_broker::may_reach(const stream& from, caf::actor_id actor) const {
  return from.reach.contains(actor) || lent_.contains(actor);
}

void session_broker::open_reach(stream& to, caf::actor_id actor) {
  if (to.reach.contains(actor))
    return;
  if (to.reach.size() >= std::min(to.reach_sweep, limits_.reach_max)) {
    // Actors that ended leave room.
    const auto ended = [this](caf::actor_id id) {
      return system().registry().get(id) == nullptr;
    };
    std::erase_if(to.reach, ended);
    std::erase_if(to.given, ended);
    to.reach_sweep = std::max<size_t>(1'024, 2 * to.reach.size());
  }
  if (to.reach.size() < limits_.reach_max)
    to.reach.insert(actor);
}

void session_broker::park(stream& to, destination& where, parked_frame frame) {
  const auto size = frame.bytes.size();
  if (where.parked_bytes + size > limits_.parked_bytes_max
      || to.parked_bytes + size > limits_.stream_parked_bytes_max) {
    if (frame.mid.is_request())
      bounce(
        frame.sender, frame.mid,
        caf::make_error(ec::limit_reached, "the receiver does not keep up"));
    else
      note_dropped(to);
    return;
  }
  where.parked_bytes += size;
  to.parked_bytes += size;
  where.parked.push_back(std::move(frame));
}

/// Each time they have doubled: few words about many messages.
void session_broker::note_dropped(stream& to, uint64_t messages) {
  to.dropped += messages;
  if (to.dropped >= 2 * to.dropped_told)
    tell_dropped(to);
}

void session_broker::tell_dropped(stream& to) {
  if (mesh_ && to.dropped > to.dropped_told)
    send(mesh_, messages_dropped{to.peer, to.dropped - to.dropped_told});
  to.dropped_told = to.dropped;
}

session_broker::destination&
session_broker::destination_of(stream& to, caf::actor_id actor) {
  if (to.destinations.size() >= to.destinations_sweep) {
    // Nobody here knows these any more, and nothing waits for them.
    std::erase_if(to.destinations, [&](const auto& entry) {
      return entry.first != actor && entry.second.parked.empty()
             && !proxies().get(to.node, entry.first);
    });
    to.destinations_sweep = std::max<size_t>(1'024, 2 * to.destinations.size());
  }
  return to.destinations[actor];
}

void session_broker::take_credit(const stream_credit& credit) {
  auto* to = find(credit.stream);
  if (!to)
    return;
  auto found = to->destinations.find(credit.actor);
  // The proxy may be gone since.
  if (found == to->destinations.end())
    return;
  auto& where = found->second;
  if (!where.window.note_consumed(credit.consumed)) {
    fail(*to, ec::protocol_violation, "credit for more than was sent");
    return;
  }
  while (!where.parked.empty() && where.window.open(limits_.flow)) {
    auto frame = std::move(where.parked.front());
    where.parked.pop_front();
    where.parked_bytes -= frame.bytes.size();
    to->parked_bytes -= frame.bytes.size();
    where.window.note_sent(frame.bytes.size());
    to->out.insert(to->out.end(), frame.bytes.begin(), frame.bytes.end());
    drain_if_large(*to);
  }
  flush(caf::io::connection_handle::from_int(static_cast<int64_t>(to->id)));
}

void session_broker::watch(const caf::strong_actor_ptr& proxy) {
  if (!proxy)
    return;
  const auto node = proxy->node();
  if (auto* to = find(node); to && to->up) {
    const auto hdl
      = caf::io::connection_handle::from_int(static_cast<int64_t>(to->id));
    instance.write_monitor_message(context(), get_buffer(hdl), node,
                                   proxy->id());
    flush(hdl);
    return;
  }
  if (find(node) || waiting_.contains(node))
    return;
  if (!mesh_ || waiting_.size() >= limits_.nodes_waiting_max) {
    proxies().erase(node, proxy->id());
    return;
  }
  waiting_[node];
  open_session(node);
}

void session_broker::bounce(const caf::strong_actor_ptr& origin,
                            caf::message_id mid, const caf::error& reason) {
  // CAF's own bouncer would tell every one that the receiver is down.
  if (origin && mid.is_request())
    origin->enqueue(nullptr, mid.response_id(), caf::make_message(reason),
                    nullptr);
}

} // namespace starling::basp
