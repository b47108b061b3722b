#include "runtime/basp/session_broker.hpp"

#include "runtime/basp/session_proxy.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system.hpp>
#include <caf/forwarding_actor_proxy.hpp>
#include <caf/io/middleman.hpp>

#include <utility>

namespace starling::basp {

namespace {

/// The connection handle under which BASP knows a stream.
caf::io::connection_handle handle_of(uint64_t stream) {
  return caf::io::connection_handle::from_int(static_cast<int64_t>(stream));
}

} // namespace

session_broker::session_broker(caf::actor_config& cfg)
  : caf::io::basp_broker(cfg),
    finder_{system().node()} {
  auto payload_max = caf::get_or(config(), "starling.max-packet-size",
                                 uint64_t{limits_.payload_max});
  limits_.payload_max = static_cast<uint32_t>(payload_max);
}

const char* session_broker::name() const {
  return "starling.basp.session-broker";
}

void session_broker::on_exit() {
  mesh_ = nullptr;
  streams_.clear();
  by_node_.clear();
  waiting_.clear();
  basp_broker::on_exit();
}

caf::behavior session_broker::make_behavior() {
  auto ours = caf::message_handler{
    [this](stream_attach& msg) { attach(msg); },
    [this](stream_bytes& msg) { receive(msg); },
    [this](const stream_credit& msg) { take_credit(msg); },
    [this](const stream_services& msg) { change_services(msg); },
    [this](const stream_detach& msg) { detach(msg); },
    [this](caf::connect_atom, const mesh_actor& mesh) { mesh_ = mesh; },
    // What proxies send, in place of the handlers of CAF's broker.
    [this](caf::forward_atom, caf::strong_actor_ptr& origin,
           const std::vector<caf::strong_actor_ptr>& stages,
           caf::strong_actor_ptr& receiver, caf::message_id mid,
           const caf::message& content) {
      forward(origin, stages, receiver, mid, content);
    },
    [this](caf::monitor_atom, const caf::strong_actor_ptr& proxy) {
      watch(proxy);
    },
  };
  return ours.or_else(basp_broker::make_behavior());
}

caf::resumable::resume_result session_broker::resume(caf::execution_unit* unit,
                                                     size_t max_throughput) {
  auto result = basp_broker::resume(unit, max_throughput);
  // One write a stream for all messages of this round.
  for (auto id : std::exchange(dirty_, {}))
    if (auto* found = find(id))
      drain(*found);
  return result;
}

// -- streams ------------------------------------------------------------------

void session_broker::attach(stream_attach& msg) {
  const auto hdl = handle_of(msg.stream);
  if (msg.node == this_node() || !msg.node || find(msg.node)) {
    // A second stream would leave BASP two routes to the same node.
    send(msg.owner,
         stream_failed{msg.stream,
                       caf::make_error(ec::duplicate_name,
                                       "a stream to that CAF node exists")});
    return;
  }
  auto& added = streams_[msg.stream];
  added.id = msg.stream;
  added.owner = msg.owner;
  added.peer = msg.peer;
  added.node = msg.node;
  added.offered = std::move(msg.offered);
  added.asked = pending_requests{limits_.requests_max};
  open_services(added, msg.services);
  by_node_.emplace(msg.node, msg.stream);
  set_context(hdl);
  if (msg.initiator)
    instance.write_client_handshake(context(), get_buffer(hdl));
  else
    instance.write_server_handshake(context(), get_buffer(hdl), caf::none);
  flush(hdl);
}

void session_broker::change_services(const stream_services& msg) {
  auto* found = find(msg.stream);
  if (!found)
    return;
  open_services(*found, msg.services);
  if (msg.offered.empty())
    return;
  found->offered = msg.offered;
  if (found->up)
    announce_up(*found);
}

void session_broker::open_services(
  stream& which, const std::vector<caf::strong_actor_ptr>& services) {
  for (const auto& service : services) {
    system().registry().put(service->id(), service);
    which.reach.insert(service->id());
    which.services.insert(service->id());
  }
}

void session_broker::announce_up(const stream& which) {
  auto msg = stream_up{which.id, {}};
  for (const auto& [service, actor] : which.offered)
    msg.services.push_back({service, proxies().get_or_put(which.node, actor)});
  send(which.owner, std::move(msg));
}

void session_broker::detach(const stream_detach& msg) {
  auto found = streams_.find(msg.stream);
  if (found == streams_.end())
    return;
  auto gone = std::move(found->second);
  tell_dropped(gone);
  streams_.erase(found);
  by_node_.erase(gone.node);
  connection_cleanup(handle_of(msg.stream), caf::sec::none);
  for (auto& [actor, where] : gone.destinations)
    for (auto& frame : where.parked)
      bounce(frame.sender, frame.mid,
             caf::make_error(caf::exit_reason::remote_link_unreachable));
}

void session_broker::fail(stream& which, ec code, std::string text) {
  if (std::exchange(which.failed, true))
    return;
  send(which.owner,
       stream_failed{which.id, caf::make_error(code, std::move(text))});
}

session_broker::stream* session_broker::find(uint64_t id) {
  auto found = streams_.find(id);
  return found != streams_.end() ? &found->second : nullptr;
}

session_broker::stream* session_broker::find(const caf::node_id& node) {
  auto found = by_node_.find(node);
  return found != by_node_.end() ? find(found->second) : nullptr;
}

void session_broker::drain(stream& which) {
  which.dirty = false;
  if (which.out.empty() || which.failed)
    return;
  auto data = caf::byte_buffer{};
  data.swap(which.out);
  send(which.owner, stream_bytes{which.id, std::move(data)});
}

/// A buffer that grows far is copied each time it does.
void session_broker::drain_if_large(stream& which) {
  constexpr auto large = size_t{64} * 1024;
  if (which.out.size() >= large)
    drain(which);
}

// -- what BASP asks of its surroundings ---------------------------------------

caf::byte_buffer& session_broker::get_buffer(caf::io::connection_handle hdl) {
  if (!to_scratch_)
    if (auto* found = find(static_cast<uint64_t>(hdl.id())))
      return found->out;
  return scratch_;
}

void session_broker::flush(caf::io::connection_handle hdl) {
  if (to_scratch_)
    return;
  if (auto* found = find(static_cast<uint64_t>(hdl.id())))
    if (!std::exchange(found->dirty, true))
      dirty_.push_back(found->id);
}

caf::strong_actor_ptr session_broker::make_proxy(caf::node_id nid,
                                                 caf::actor_id aid) {
  if (!nid || aid == caf::invalid_actor_id)
    return nullptr;
  // Unlike CAF's broker, a node that hands out a handle of a third node does
  // not become a way to that node: `watch` opens one.
  auto cfg = caf::actor_config{};
  auto result = caf::make_actor<session_proxy, caf::strong_actor_ptr>(
    aid, nid, &system(), cfg, caf::actor_cast<caf::actor>(this));
  auto self = caf::strong_actor_ptr{ctrl()};
  auto* mpx = &system().middleman().backend();
  result->get()->attach_functor(
    [self, mpx, result, nid](const caf::error& reason) {
      mpx->post([self, result, nid, reason] {
        auto* owner = static_cast<session_broker*>(self->get());
        if (!owner->getf(caf::abstract_actor::is_terminated_flag))
          owner->proxies().erase(nid, result->id(), reason);
      });
    });
  return result;
}

void session_broker::set_last_hop(caf::node_id*) {
  // No routes by hearsay; see make_proxy.
}

void session_broker::proxy_announced(const caf::node_id& nid,
                                     caf::actor_id aid) {
  auto* from = find(nid);
  if (from && may_reach(*from, aid))
    basp_broker::proxy_announced(nid, aid);
  else
    send_basp_down_message(nid, aid, caf::exit_reason::unknown);
}

void session_broker::learned_new_node_directly(const caf::node_id& nid, bool) {
  // CAF would ask the node for its spawn server here; ours are typed services.
  auto* found = find(nid);
  if (!found || std::exchange(found->up, true))
    return;
  announce_up(*found);
  node_is_reachable(nid);
}

void session_broker::learned_new_node_indirectly(const caf::node_id&) {
  // There are no indirect nodes.
}

} // namespace starling::basp
