#include "actors/router/link_state_router.hpp"

#include "runtime/outlive_refusals.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace starling::router {

namespace {

std::span<const uint8_t> bytes_of(const caf::byte_buffer& x) {
  return {reinterpret_cast<const uint8_t*>(x.data()), x.size()};
}

caf::byte_buffer buffer_of(std::span<const uint8_t> x) {
  const auto* begin = reinterpret_cast<const caf::byte*>(x.data());
  return {begin, begin + x.size()};
}

caf::error error_of(const failure& x) {
  return caf::make_error(x.code, x.text);
}

/// The same circuit, seen from the other end.
relay_header reversed(relay_header x) {
  x.is_back = !x.is_back;
  return x;
}

/// The table of packets seen is keyed by what strangers choose.
forwarder::options with_secret(forwarder::options x, const node_context& node) {
  x.hash_key = {node.fresh_seed(), node.fresh_seed()};
  return x;
}

float share_of(double x) {
  return static_cast<float>(std::clamp(x, 0.0, 1.0));
}

} // namespace

link_state_router_state::link_state_router_state(
  link_state_router_actor::pointer self, link_state_router_options opts)
  : self_{self},
    opts_{std::move(opts)},
    id_{opts_.node->self},
    random_{opts_.node->fresh_seed()},
    routes_{id_, opts_.routes},
    forwarder_{id_, with_secret(opts_.forwarding, *opts_.node),
               self->clock().now()} {
  // nop
}

link_state_router_actor::behavior_type
link_state_router_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { has_ended(down); });
  advertise_self();
  find_services();
  return {
    [this](const mesh_packet& msg) { handle(msg); },
    [this](const find_route& msg) { return find(msg); },
    [this](const list_routes&) { return list(); },
    [this](const open_relay& msg) { return open(msg); },
    [this](const avoid_peers& msg) { avoid(msg); },
    [this](const peer_up& msg) { peer_is_up(msg); },
    [this](const peer_down& msg) { peer_is_down(msg); },
    [this](const member_change& msg) { member_has_changed(msg); },
  };
}

// -- packets ------------------------------------------------------------------

void link_state_router_state::handle(const mesh_packet& msg) {
  // Packets come from the sessions of this node, not from actors elsewhere.
  if (!is_local())
    return;
  const auto seen = wire::view(bytes_of(msg.packet), opts_.packets);
  if (!seen) {
    opts_.node->note_conduct(msg.from, conduct::violation);
    return;
  }
  const auto what = forwarder_.decide(
    seen->head, msg.from, self_->clock().now(),
    [this](const peer_id& to) { return next_hop_to(to); },
    [this](const peer_id& node) { return routes_.avoids(node); });
  if (what.action == verdict::deliver)
    deliver(*seen);
  else if (what.action == verdict::forward)
    forward(*seen, what.next_hop);
  if (what.error)
    report(*what.error, seen->head, msg.from);
}

void link_state_router_state::deliver(const wire::packet_view& x) {
  if (x.head.type == packet_type::data)
    deliver_relayed(x);
  else if (x.head.type == packet_type::control
           && x.head.has(packet_flag::error))
    deliver_error(x);
}

void link_state_router_state::deliver_relayed(const wire::packet_view& x) {
  const auto header = decode_relay_header(x.payload);
  if (!header)
    return;
  const auto own = reversed(*header);
  auto found = circuits_.find(own);
  if (found == circuits_.end()) {
    const auto acceptor
      = caf::actor_cast<link_acceptor_actor>(opts_.node->mesh());
    if (header->is_back || ended_.contains(own) || !acceptor
        || !members_.contains(x.head.source) || !may_relay(x.head.source))
      return;
    const auto relay = spawn_relay(x.head.source, own);
    self_->send(acceptor,
                link_opened{caf::actor_cast<link_actor>(relay),
                            "relay://" + to_string(x.head.source), false});
    found = circuits_.find(own);
  }
  // Nobody else's packets enter the link.
  if (found->second.other == x.head.source)
    self_->send(found->second.relay, relay_datagram{buffer_of(
                                       x.payload.subspan(relay_header::size))});
}

void link_state_router_state::deliver_error(const wire::packet_view& x) {
  const auto error = decode_routing_error(x.payload);
  if (!error)
    return;
  for (const auto& [header, one] : circuits_)
    if (one.other == error->destination)
      self_->send(one.relay, relay_path{!one.path.empty()});
}

void link_state_router_state::forward(const wire::packet_view& x,
                                      const peer_id& next_hop) {
  auto hop = route_hop{};
  hop.peer = next_hop;
  if (const auto found = measured_.find(next_hop); found != measured_.end()) {
    hop.latency_us = found->second.latency_us;
    hop.reliability = share_of(found->second.reliability);
  }
  // Where a packet starts no hop is done yet, but the link is taken.
  send_to(next_hop, wire::forward(x, &hop));
}

void link_state_router_state::report(const routing_error& x,
                                     const packet& about, const peer_id& from) {
  const auto now = std::chrono::time_point_cast<std::chrono::microseconds>(
    opts_.node->wall_clock());
  const auto packet = error_packet(x, about, fresh_id(), clock_.now(now).bits);
  const auto bytes = wire::encode(packet);
  // One who is at the beginning of a way hears it from itself.
  if (about.source == id_) {
    if (const auto seen = wire::view(bytes))
      deliver_error(*seen);
  } else {
    send_to(from, bytes);
  }
}

void link_state_router_state::send_to(const peer_id& next_hop,
                                      const std::vector<uint8_t>& bytes) {
  if (const auto mesh = opts_.node->mesh())
    self_->send(mesh, send_packet{next_hop, buffer_of(bytes)});
}

// -- routes -------------------------------------------------------------------

caf::expected<route_info>
link_state_router_state::way_to(const peer_id& destination) {
  auto path = routes_.path_to(destination);
  if (!path) {
    // A session that is younger than the records of it.
    if (neighbours_.contains(destination) && !routes_.avoids(destination))
      return route_info{destination, {destination}, 0.0, 0};
    return error_of(path.error());
  }
  auto way = route_info{destination, std::move(*path), 0.0, 0};
  if (const auto found = routes_.route_to(destination))
    way.cost = static_cast<double>(found->price) / 1'000.0;
  auto before = id_;
  for (const auto& node : way.path) {
    if (const auto* link = routes_.known().usable_link(before, node))
      way.latency_us += link->latency_us;
    before = node;
  }
  return way;
}

result<peer_id>
link_state_router_state::next_hop_to(const peer_id& destination) {
  auto found = routes_.route_to(destination);
  if (found)
    return found->next_hop;
  if (neighbours_.contains(destination) && !routes_.avoids(destination))
    return destination;
  return found.error();
}

caf::result<route_info> link_state_router_state::find(const find_route& msg) {
  auto way = way_to(msg.destination);
  if (!way)
    return std::move(way.error());
  return std::move(*way);
}

std::vector<route_info> link_state_router_state::list() {
  auto known = std::set<peer_id>{neighbours_};
  for (const auto& found : routes_.routes())
    known.insert(found.destination);
  auto result = std::vector<route_info>{};
  for (const auto& destination : known)
    if (auto way = way_to(destination))
      result.push_back(std::move(*way));
  return result;
}

void link_state_router_state::avoid(const avoid_peers& msg) {
  if (!is_local())
    return;
  routes_.avoid(node_set{msg.ids.begin(), msg.ids.end()});
  routes_have_changed();
}

void link_state_router_state::advertise_self() {
  auto own = advert{id_, ++adverts_, {}};
  for (const auto& neighbour : neighbours_) {
    auto link = link_state{};
    link.neighbour = neighbour;
    link.latency_us = opts_.latency_default_us;
    if (const auto found = measured_.find(neighbour);
        found != measured_.end()) {
      link.reliability = share_of(found->second.reliability);
      if (found->second.latency_us > 0)
        link.latency_us = found->second.latency_us;
    }
    own.links.push_back(link);
    if (own.links.size() == opts_.routes.bounds.links_max)
      break;
  }
  if (auto applied = routes_.apply(std::move(own), self_->clock().now());
      !applied)
    opts_.node->audit("router.advert_refused", to_string(id_),
                      {{"reason", applied.error().text}});
}

void link_state_router_state::peer_is_up(const peer_up& msg) {
  if (self_->current_sender() != mesh_)
    return;
  if (msg.relayed) {
    peer_is_down({msg.peer.id, false, {}});
    return;
  }
  neighbours_.insert(msg.peer.id);
  routes_.restore(msg.peer.id);
  advertise_self();
  routes_have_changed();
}

void link_state_router_state::peer_is_down(const peer_down& msg) {
  if (self_->current_sender() != mesh_ || msg.relayed
      || neighbours_.erase(msg.id) == 0)
    return;
  routes_.cut(msg.id);
  advertise_self();
  routes_have_changed();
}

void link_state_router_state::member_has_changed(const member_change& msg) {
  if (self_->current_sender() != membership_)
    return;
  const auto& member = msg.member;
  if (member.id == id_) {
    measured_.clear();
    for (const auto& near : member.neighbours)
      measured_.emplace(near.id, near);
    advertise_self();
    routes_have_changed();
    return;
  }
  if (member.state == member_state::dead
      || member.state == member_state::left) {
    members_.erase(member.id);
    routes_.remove(member.id);
    routes_have_changed();
    return;
  }
  members_.insert(member.id);
  auto links = advert{member.id, ++adverts_, {}};
  for (const auto& near : member.neighbours)
    links.links.push_back(
      {near.id,
       near.latency_us > 0 ? near.latency_us : opts_.latency_default_us,
       share_of(near.reliability), 0.0F, 0});
  // A record with two links to one node or to itself is refused; the member
  // then keeps what it said before.
  if (auto applied = routes_.apply(std::move(links), self_->clock().now());
      applied && *applied)
    routes_have_changed();
}

void link_state_router_state::routes_have_changed() {
  for (auto& [header, one] : circuits_) {
    auto way = way_to(one.other);
    auto path = way ? std::move(way->path) : std::vector<peer_id>{};
    if (path == one.path)
      continue;
    one.path = std::move(path);
    self_->send(one.relay, relay_path{!one.path.empty()});
  }
}

// -- relays -------------------------------------------------------------------

caf::result<link_actor> link_state_router_state::open(const open_relay& msg) {
  if (!is_local())
    return caf::make_error(ec::permission_denied,
                           "only actors of this node open relayed links");
  if (auto way = way_to(msg.destination); !way)
    return std::move(way.error());
  if (!may_relay(msg.destination))
    return caf::make_error(ec::limit_reached, "no more relayed links to node "
                                                + short_name(msg.destination)
                                                + " are taken now");
  auto header = relay_header{};
  // Unguessable, unlike what `random_` gives.
  for (size_t i = 0; i < packet_id::size; i += 8) {
    const auto value = opts_.node->fresh_seed();
    for (size_t j = 0; j < 8; ++j)
      header.circuit.bytes[i + j] = static_cast<uint8_t>(value >> (8 * j));
  }
  return caf::actor_cast<link_actor>(spawn_relay(msg.destination, header));
}

relay_actor link_state_router_state::spawn_relay(const peer_id& other,
                                                 const relay_header& header) {
  auto wanted = relay_request{};
  wanted.router = caf::actor_cast<router_actor>(self_);
  wanted.self = id_;
  wanted.other = other;
  wanted.header = header;
  wanted.seed = random_();
  auto one = circuit{other, opts_.spawn_relay(wanted), {}};
  if (auto way = way_to(other))
    one.path = std::move(way->path);
  self_->monitor(one.relay);
  return circuits_.insert_or_assign(header, std::move(one)).first->second.relay;
}

bool link_state_router_state::may_relay(const peer_id& other) const {
  if (circuits_.size() >= opts_.relays_max)
    return false;
  const auto count = std::ranges::count_if(
    circuits_, [&](const auto& item) { return item.second.other == other; });
  return static_cast<size_t>(count) < opts_.relays_per_node_max;
}

// -- others -------------------------------------------------------------------

void link_state_router_state::find_services() {
  if (const auto mesh = opts_.node->mesh(); mesh && mesh.address() != mesh_) {
    mesh_ = mesh.address();
    self_->monitor(mesh);
    self_->send(mesh, caf::subscribe_atom_v,
                caf::actor_cast<mesh_listener_actor>(self_));
  }
  const auto membership = opts_.node->membership();
  if (membership && membership.address() != membership_) {
    membership_ = membership.address();
    self_->monitor(membership);
    self_->send(membership, caf::subscribe_atom_v,
                caf::actor_cast<membership_listener_actor>(self_));
  }
  weigh_neighbours();
  self_->run_delayed(opts_.find_interval, [this] { find_services(); });
}

void link_state_router_state::weigh_neighbours() {
  auto unproven = node_set{};
  for (const auto& neighbour : neighbours_)
    if (!opts_.node->standing_of(neighbour).proven)
      unproven.insert(neighbour);
  // Where nobody is proven, nobody is preferred: the ways stay as they are.
  if (unproven.size() == neighbours_.size())
    unproven.clear();
  if (routes_.discount(std::move(unproven)))
    routes_have_changed();
}

void link_state_router_state::has_ended(const caf::down_msg& msg) {
  if (msg.source == mesh_) {
    // Its sessions are gone with it.
    mesh_ = nullptr;
    for (const auto& neighbour : std::exchange(neighbours_, {}))
      routes_.cut(neighbour);
    advertise_self();
    routes_have_changed();
    return;
  }
  if (msg.source == membership_) {
    // What it said still holds until the next one says otherwise.
    membership_ = nullptr;
    return;
  }
  for (auto at = circuits_.begin(); at != circuits_.end(); ++at) {
    if (at->second.relay.address() != msg.source)
      continue;
    if (ended_.insert(at->first).second)
      ended_order_.push_back(at->first);
    circuits_.erase(at);
    if (ended_order_.size() > opts_.ended_max) {
      ended_.erase(ended_order_.front());
      ended_order_.pop_front();
    }
    return;
  }
}

bool link_state_router_state::is_local() const {
  const auto& from = self_->current_sender();
  return !from || from->node() == self_->system().node();
}

packet_id link_state_router_state::fresh_id() {
  auto id = packet_id{};
  for (size_t i = 0; i < packet_id::size; i += 8) {
    const auto value = random_();
    for (size_t j = 0; j < 8; ++j)
      id.bytes[i + j] = static_cast<uint8_t>(value >> (8 * j));
  }
  return id;
}

} // namespace starling::router
