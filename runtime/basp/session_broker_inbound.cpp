// What comes from other nodes: authenticated, but not trusted.

#include "runtime/basp/session_broker.hpp"

#include <caf/actor_proxy.hpp>
#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/typed_message_view.hpp>

#include <string>
#include <utility>

namespace starling::basp {

namespace {

using caf::io::basp::header;
using caf::io::basp::header_size;
using caf::io::basp::message_type;

/// Memory that a stream keeps for the message that comes next, bytes.
constexpr size_t kept_max = 256 * 1024;

void append(caf::byte_buffer& bytes, caf::span<const caf::byte> more) {
  const auto* begin = more.data();
  bytes.insert(bytes.end(), begin, begin + more.size());
}

void drop_front(caf::byte_buffer& bytes, size_t count) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
}

} // namespace

void session_broker::receive(stream_bytes& msg) {
  auto* from = find(msg.stream);
  if (!from || from->failed)
    return;
  const auto data = caf::make_span(msg.data);
  if (from->in.empty()) {
    // Whole frames are read where they are; only a rest is kept.
    const auto used = consume(*from, data);
    append(from->in, data.subspan(used));
    return;
  }
  append(from->in, data);
  drop_front(from->in, consume(*from, caf::make_span(from->in)));
  if (from->in.empty() && from->in.capacity() > kept_max)
    from->in.shrink_to_fit();
}

/// Handles all frames that are complete; returns the bytes they took.
size_t session_broker::consume(stream& from, caf::span<const caf::byte> bytes) {
  auto used = size_t{0};
  while (bytes.size() - used >= header_size) {
    auto hdr = header{};
    auto source = caf::binary_deserializer{
      context(), caf::make_span(bytes.data() + used, header_size)};
    if (!source.apply(hdr) || !caf::io::basp::valid(hdr)) {
      fail(from, ec::malformed_input, "invalid BASP header");
      return used;
    }
    if (hdr.payload_len > limits_.payload_max) {
      fail(from, ec::limit_reached,
           "BASP payload of " + std::to_string(hdr.payload_len)
             + " bytes; max_packet_size is "
             + std::to_string(limits_.payload_max));
      return used;
    }
    if (bytes.size() - used - header_size < hdr.payload_len)
      break;
    const auto payload
      = caf::make_span(bytes.data() + used + header_size, hdr.payload_len);
    if (!handle_frame(from, hdr, payload))
      return used;
    used += header_size + hdr.payload_len;
  }
  return used;
}

bool session_broker::handle_frame(stream& from, header& hdr,
                                  caf::span<const caf::byte> payload) {
  switch (hdr.operation) {
    case message_type::direct_message:
      return deliver(from, hdr, payload);
    case message_type::heartbeat:
      return true;
    case message_type::routed_message:
      fail(from, ec::protocol_violation, "routed BASP message");
      return false;
    case message_type::server_handshake:
    case message_type::client_handshake:
      if (from.up) {
        fail(from, ec::protocol_violation, "second BASP handshake");
        return false;
      }
      break;
    default:
      break;
  }
  if (!speaks_for_itself(from, hdr, payload))
    return false;
  const auto hdl
    = caf::io::connection_handle::from_int(static_cast<int64_t>(from.id));
  set_context(hdl);
  auto copy = caf::byte_buffer{payload.begin(), payload.end()};
  const auto next
    = instance.handle(context(), hdl, hdr, copy.empty() ? nullptr : &copy);
  if (caf::io::basp::requires_shutdown(next)) {
    fail(from, ec::protocol_violation,
         "BASP: " + to_string(caf::io::basp::to_sec(next)));
    return false;
  }
  return true;
}

/// Handshakes, monitor and down messages start with the node they speak for;
/// the latter two go on with the node they are for, and CAF would route them.
bool session_broker::speaks_for_itself(stream& from, const header& hdr,
                                       caf::span<const caf::byte> payload) {
  auto source = caf::binary_deserializer{context(), payload};
  auto node = caf::node_id{};
  if (!source.apply(node) || node != from.node) {
    fail(from, ec::protocol_violation,
         "BASP message for a CAF node that is not the peer's");
    return false;
  }
  if (hdr.operation != message_type::monitor_message
      && hdr.operation != message_type::down_message)
    return true;
  if (!source.apply(node) || node != this_node()) {
    fail(from, ec::protocol_violation, "routed BASP message");
    return false;
  }
  return true;
}

bool session_broker::deliver(stream& from, const header& hdr,
                             caf::span<const caf::byte> payload) {
  if (!from.up) {
    fail(from, ec::protocol_violation, "BASP message before the handshake");
    return false;
  }
  const auto mid = caf::message_id{hdr.operation_data};
  if (mid.is_stream_message()) {
    // CAF takes the content of such a message for granted.
    fail(from, ec::protocol_violation, "message of a CAF stream");
    return false;
  }
  auto origin = origin_of(from, hdr);
  if (from.failed)
    return false;
  auto receiver = caf::strong_actor_ptr{};
  if (!hdr.has(header::named_receiver_flag) && may_reach(from, hdr.dest_actor))
    receiver = system().registry().get(hdr.dest_actor);
  if (!receiver) {
    from.reach.erase(hdr.dest_actor);
    bounce(origin, mid,
           caf::make_error(caf::exit_reason::remote_link_unreachable));
    return true;
  }
  auto stages = std::vector<caf::strong_actor_ptr>{};
  auto content = caf::message{};
  auto source = caf::binary_deserializer{context(), payload};
  if (!source.apply(stages) || !source.apply(content)) {
    fail(from, ec::malformed_input,
         "a message that this node can't read: "
           + to_string(source.get_error()));
    return false;
  }
  if (!holds_what_it_sends(from, payload, stages, content)
      || (!mid.is_response()
          && is_not_for_peers(from, content, hdr.dest_actor))) {
    bounce(origin, mid,
           caf::make_error(ec::permission_denied,
                           "not for a peer to send to that actor"));
    return true;
  }
  // Nobody asked, or nobody asked this peer.
  if (mid.is_response()
      && !from.asked.take(hdr.dest_actor, mid.request_id().integer_value()))
    return true;
  if (!mid.is_response() && deliver_link(from, content, receiver))
    return true;
  receiver->enqueue(caf::make_mailbox_element(std::move(origin), mid,
                                              std::move(stages),
                                              std::move(content)),
                    context());
  meter(from, receiver, header_size + payload.size());
  return true;
}

/// Returns the actor that a message comes from; fails the stream of a peer that
/// names more of them than can be.
caf::strong_actor_ptr session_broker::origin_of(stream& from,
                                                const header& hdr) {
  if (hdr.source_actor == caf::invalid_actor_id)
    return nullptr;
  if (auto known = proxies().get(from.node, hdr.source_actor))
    return known;
  if (proxies().count_proxies(from.node) >= limits_.proxies_max) {
    fail(from, ec::limit_reached,
         "messages of more than " + std::to_string(limits_.proxies_max)
           + " actors");
    return nullptr;
  }
  return proxies().get_or_put(from.node, hdr.source_actor);
}

/// Has the peer been given all handles of local actors that a message of it
/// holds? Ids are easy to guess.
bool session_broker::holds_what_it_sends(
  const stream& from, caf::span<const caf::byte> payload,
  const std::vector<caf::strong_actor_ptr>& stages,
  const caf::message& content) {
  if (!finder_.suspects(payload))
    return true;
  for (const auto& stage : stages)
    if (stage && stage->node() == this_node() && !may_reach(from, stage->id()))
      return false;
  for (auto id : finder_.local_handles(content, context()))
    if (!may_reach(from, id))
      return false;
  return true;
}

bool session_broker::may_end(const stream& from, caf::actor_id actor) const {
  return from.given.contains(actor) && !from.services.contains(actor);
}

/// Messages by which CAF itself steers actors. An error that nobody asked for
/// ends its receiver, as an exit message does; and the answer to a question
/// about the receiver would hold its handle.
bool session_broker::is_not_for_peers(const stream& from,
                                      const caf::message& content,
                                      caf::actor_id receiver) const {
  if (content.match_elements<caf::sys_atom, caf::get_atom, std::string>())
    return true;
  if (content.size() != 1)
    return false;
  switch (content.type_at(0)) {
    case caf::type_id_v<caf::exit_msg>:
    case caf::type_id_v<caf::error>:
      return !may_end(from, receiver);
    case caf::type_id_v<caf::down_msg>:
    case caf::type_id_v<caf::node_down_msg>:
    case caf::type_id_v<caf::open_stream_msg>:
      return true;
    default:
      return false;
  }
}

/// Links travel as messages of their own. Returns whether this was one.
bool session_broker::deliver_link(const stream& from,
                                  const caf::message& content,
                                  const caf::strong_actor_ptr& receiver) {
  const auto links
    = content.match_elements<caf::link_atom, caf::strong_actor_ptr>();
  const auto unlinks
    = content.match_elements<caf::unlink_atom, caf::strong_actor_ptr>();
  if (!links && !unlinks)
    return false;
  // Whoever is linked ends with the other; so a peer may link only its own
  // actors, and only to what it may end.
  const auto& other = content.get_as<caf::strong_actor_ptr>(1);
  if (!other || other->node() != from.node || !may_end(from, receiver->id()))
    return true;
  if (auto* proxy = dynamic_cast<caf::actor_proxy*>(other->get())) {
    if (links)
      proxy->add_link(receiver->get());
    else
      proxy->remove_link(receiver->get());
  }
  return true;
}

receive_window& session_broker::source_of(stream& from, caf::actor_id actor) {
  if (from.sources.size() >= from.sources_sweep) {
    std::erase_if(from.sources, [this, actor](const auto& entry) {
      return entry.first != actor
             && system().registry().get(entry.first) == nullptr;
    });
    from.sources_sweep = std::max<size_t>(1'024, 2 * from.sources.size());
  }
  return from.sources[actor];
}

/// Counts what a local actor got, and has it report when it worked that off: a
/// question that every event-based actor answers, behind all that came before.
void session_broker::meter(stream& from, const caf::strong_actor_ptr& receiver,
                           uint64_t bytes) {
  const auto id = receiver->id();
  auto& window = source_of(from, id);
  if (!window.note_delivered(bytes, limits_.flow))
    return;
  auto report = stream_credit{from.id, id, window.delivered()};
  auto grant = [this, report] {
    if (auto* found = find(report.stream))
      send(found->owner, report);
  };
  if (!dynamic_cast<caf::scheduled_actor*>(receiver->get())) {
    // A blocking actor would see the question as a message.
    grant();
    return;
  }
  request(caf::actor_cast<caf::actor>(receiver), caf::infinite, caf::sys_atom_v,
          caf::get_atom_v, std::string{"info"})
    .then([grant](caf::ok_atom, const std::string&,
                  const caf::strong_actor_ptr&,
                  const std::string&) { grant(); },
          [grant](const caf::error&) { grant(); });
}

} // namespace starling::basp
