#include "actors/mesh/session_mesh.hpp"

#include "runtime/outlive_refusals.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

namespace starling::mesh {

namespace {

bool is_code(const caf::error& reason, ec code) {
  return reason == code;
}

} // namespace

session_mesh::session_mesh(caf::actor_config& cfg, session_mesh_options opts)
  : event_loop::bare_broker{cfg},
    opts_{std::move(opts)},
    table_{opts_.node->self, opts_.limits},
    counters_{opts_.node->metrics},
    refusals_{{opts_.limits.refusals_per_second, opts_.limits.refusals_burst},
              clock().now()} {
  // nop
}

const char* session_mesh::name() const {
  return "starling.mesh.session";
}

caf::behavior session_mesh::make_behavior() {
  outlive_refusals(*this);
  set_down_handler([this](const caf::down_msg& down) {
    // A peer that ends in order has said so before; one that crashed has not.
    for (const auto& [session, actors] : actors_)
      if (actors.peer.address() == down.source) {
        forget(session, down.reason);
        return;
      }
    std::erase_if(listeners_, [&down](const auto& listener) {
      return listener.address() == down.source;
    });
  });
  send(opts_.bridge, caf::connect_atom_v, caf::actor_cast<mesh_actor>(this));
  return {
    [this](start_mesh& msg) { return start(msg); },
    [this](connect_address& msg) { return connect(msg); },
    [this](const connect_peer& msg) { return connect(msg); },
    [this](const connect_node& msg) { return connect(msg); },
    [this](const find_service& msg) { return find(msg); },
    [this](const list_peers&) { return list(); },
    [this](const disconnect_peer& msg) { return disconnect(msg); },
    [this](send_packet& msg) { return send_on(msg); },
    [this](const block_peer& msg) { block(msg); },
    [this](const unblock_peer& msg) { opts_.unblock(msg.id); },
    [this](caf::subscribe_atom, const mesh_listener_actor& listener) {
      subscribe(listener);
    },
    [this](const messages_dropped& msg) { note(msg); },
    [this](link_opened& msg) { accept(msg); },
    [this](const session_heard& msg) { table_.set_heard(msg.session); },
    [this](const session_offer& msg) { return judge(msg); },
    [this](session_ready& msg) { is_ready(msg); },
    [this](const session_ended& msg) { has_ended(msg); },
  };
}

void session_mesh::on_exit() {
  for (const auto& [session, actors] : actors_)
    caf::anon_send(actors.peer,
                   end_session{caf::make_error(ec::connection_closed,
                                               "the node shuts down")});
  actors_.clear();
  wanted_.clear();
  listeners_.clear();
  services_.clear();
  opts_.transports.clear();
  opts_.bridge = nullptr;
}

// -- listening ----------------------------------------------------------------

caf::result<mesh_addresses> session_mesh::start(start_mesh& msg) {
  services_ = std::move(msg.services);
  for (const auto& [session, actors] : actors_)
    send(actors.peer, update_services{services_});
  if (std::exchange(listening_, true))
    return mesh_addresses{endpoints_};
  auto answer = make_response_promise<mesh_addresses>();
  listen_next(0, answer);
  return answer;
}

void session_mesh::listen_next(
  size_t index, caf::typed_response_promise<mesh_addresses> answer) {
  if (index == opts_.listen.size()) {
    answer.deliver(mesh_addresses{endpoints_});
    return;
  }
  const auto& address = opts_.listen[index];
  auto transport = transport_for(address);
  if (!transport) {
    answer.deliver(caf::make_error(
      ec::invalid_option, "no transport for the listen address " + address));
    return;
  }
  request(transport, opts_.connection_timeout,
          link_listen{address, caf::actor_cast<link_acceptor_actor>(this)})
    .then(
      [this, index, answer](std::string& actual) {
        endpoints_.push_back(std::move(actual));
        listen_next(index + 1, answer);
      },
      [answer](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
      });
}

transport_actor session_mesh::transport_for(const std::string& address) const {
  auto found = opts_.transports.find(address.substr(0, address.find("://")));
  return found != opts_.transports.end() ? found->second : transport_actor{};
}

// -- dialling -----------------------------------------------------------------

caf::result<peer_services> session_mesh::connect(connect_address& msg) {
  auto expected = std::optional<peer_id>{};
  if (!msg.expected.empty()) {
    expected = msg.expected.front();
    // A second session would replace the one that stands, and with it end all
    // handles on that node.
    if (const auto* entry = table_.find(*expected); entry && entry->ready)
      return actors_.at(entry->session).services;
  }
  auto answer = make_response_promise<peer_services>();
  dial(
    msg.address, expected,
    [answer](session_actors& actors) { actors.waiting.push_back(answer); },
    [answer](const caf::error& reason) mutable { answer.deliver(reason); });
  return answer;
}

void session_mesh::dial(const std::string& address,
                        std::optional<peer_id> expected,
                        std::function<void(session_actors&)> opened,
                        std::function<void(const caf::error&)> failed) {
  auto transport = transport_for(address);
  if (!transport) {
    failed(caf::make_error(ec::invalid_option,
                           "no transport for the address " + address));
    return;
  }
  request(transport, opts_.connection_timeout,
          link_dial{address, opts_.connection_timeout})
    .then([this, expected, opened](
            const link_opened& msg) { opened(open(msg, false, expected)); },
          failed);
}

caf::result<peer_services> session_mesh::connect(const connect_peer& msg) {
  if (const auto* entry = table_.find(msg.id); entry && entry->ready)
    return actors_.at(entry->session).services;
  if (msg.id == opts_.node->self)
    return caf::make_error(ec::invalid_option, "that is this node itself");
  if (auto why = opts_.is_blocked(msg.id))
    return caf::make_error(ec::quarantined, *why);
  auto answer = make_response_promise<peer_services>();
  auto& waiting = wanted_[msg.id];
  waiting.push_back(answer);
  if (waiting.size() == 1)
    attempt(msg.id);
  return answer;
}

caf::result<peer_services> session_mesh::connect(const connect_node& msg) {
  for (auto& [session, actors] : actors_) {
    if (actors.services.node == msg.node)
      return actors.services;
    if (actors.offered != msg.node)
      continue;
    // Its first message can overtake the news that its session is up.
    auto answer = make_response_promise<peer_services>();
    actors.waiting.push_back(answer);
    return answer;
  }
  const auto membership = opts_.node->membership();
  if (!membership)
    return caf::make_error(ec::unknown_peer, to_string(msg.node));
  auto answer = make_response_promise<peer_services>();
  request(membership, opts_.connection_timeout, find_member_by_node{msg.node})
    .then(
      [this, answer](const member_info& member) mutable {
        request(caf::actor_cast<mesh_actor>(this), caf::infinite,
                connect_peer{member.id})
          .then([answer](peer_services& peer) mutable { answer.deliver(peer); },
                [answer](caf::error& reason) mutable {
                  answer.deliver(std::move(reason));
                });
      },
      [answer](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
      });
  return answer;
}

void session_mesh::attempt(const peer_id& id) {
  const auto membership = opts_.node->membership();
  if (!membership) {
    attempt_relay(id);
    return;
  }
  request(membership, opts_.connection_timeout, find_member{id})
    .then(
      [this, id](member_info& member) {
        attempt_addresses(
          id, opts_.dial.addresses_of(id, std::move(member.endpoints)));
      },
      [this, id](const caf::error& reason) { give_up(id, reason); });
}

void session_mesh::attempt_addresses(const peer_id& id,
                                     std::vector<std::string> addresses) {
  if (!wanted_.contains(id))
    return;
  while (!addresses.empty() && !transport_for(addresses.front()))
    addresses.erase(addresses.begin());
  if (addresses.empty()) {
    attempt_relay(id);
    return;
  }
  auto address = std::move(addresses.front());
  addresses.erase(addresses.begin());
  dial(
    address, id,
    [id, addresses](session_actors& actors) {
      actors.wanted = id;
      actors.other_addresses = addresses;
    },
    [this, id, addresses](const caf::error&) {
      attempt_addresses(id, addresses);
    });
}

void session_mesh::attempt_relay(const peer_id& id) {
  if (!wanted_.contains(id))
    return;
  const auto router = opts_.node->router();
  if (!router) {
    give_up(id,
            caf::make_error(ec::unreachable, "no address and no route to node "
                                               + short_name(id)));
    return;
  }
  request(router, opts_.connection_timeout, open_relay{id})
    .then(
      [this, id](const link_actor& link) {
        auto& actors = open({link, "relay://" + to_string(id), true}, true, id);
        actors.wanted = id;
      },
      [this, id](const caf::error& reason) { give_up(id, reason); });
}

void session_mesh::give_up(const peer_id& id, const caf::error& reason) {
  auto found = wanted_.find(id);
  if (found == wanted_.end())
    return;
  auto waiting = std::move(found->second);
  wanted_.erase(found);
  for (auto& answer : waiting)
    answer.deliver(reason);
}

// -- sessions -----------------------------------------------------------------

void session_mesh::accept(link_opened& msg) {
  open(msg, msg.address.starts_with("relay://"), std::nullopt);
}

session_mesh::session_actors&
session_mesh::open(const link_opened& msg, bool relayed,
                   std::optional<peer_id> expected) {
  const auto session = next_session_++;
  counters_.note_opened();
  const auto evicted = table_.add(
    {session, msg.address, msg.dialled, relayed, std::nullopt, false});
  auto wanted = peer_request{};
  wanted.session = session;
  wanted.dialled = msg.dialled;
  wanted.link = msg.link;
  wanted.address = msg.address;
  wanted.relayed = relayed;
  wanted.expected = expected;
  wanted.owner = caf::actor_cast<peer_owner_actor>(this);
  wanted.endpoints = endpoints_;
  wanted.services = services_;
  auto& actors = actors_[session];
  actors.peer = opts_.spawn_peer(wanted);
  monitor(actors.peer);
  if (evicted)
    end(*evicted,
        caf::make_error(ec::limit_reached, "too many handshakes at a time"));
  return actors;
}

caf::result<bool> session_mesh::judge(const session_offer& msg) {
  if (auto why = opts_.is_blocked(msg.id))
    return caf::make_error(ec::quarantined, *why);
  // A second session to a peer that is here takes nothing in.
  if (opts_.admit && !table_.find(msg.id))
    if (auto room = opts_.admit(); !room)
      return caf::make_error(room.error().code, room.error().text);
  auto verdict = table_.authenticated(msg.session, msg.id);
  if (!verdict)
    return caf::make_error(verdict.error().code, verdict.error().text);
  if (verdict->accepted && !msg.reply.empty())
    opts_.joined(msg.reply);
  if (verdict->replaced) {
    // The bridge must hear of it before the new session attaches.
    send(opts_.bridge, stream_detach{*verdict->replaced, {}});
    end(*verdict->replaced,
        caf::make_error(ec::duplicate_name, "replaced by a newer session"));
  }
  if (verdict->accepted)
    actors_.at(msg.session).offered = msg.node;
  return verdict->accepted;
}

void session_mesh::is_ready(session_ready& msg) {
  const auto* entry = table_.find(msg.session);
  auto found = actors_.find(msg.session);
  if (!entry || found == actors_.end())
    return;
  const auto again = entry->ready;
  table_.set_ready(msg.session);
  auto& actors = found->second;
  actors.services = std::move(msg.peer);
  for (auto& answer : std::exchange(actors.waiting, {}))
    answer.deliver(actors.services);
  if (auto wanted = wanted_.find(*entry->id); wanted != wanted_.end()) {
    auto waiting = std::move(wanted->second);
    wanted_.erase(wanted);
    for (auto& answer : waiting)
      answer.deliver(actors.services);
  }
  if (!again)
    counters_.note_established();
  opts_.node->audit("session.established", to_string(*entry->id),
                    {{"address", entry->address},
                     {"name", actors.services.name},
                     {"dialled", entry->dialled ? "true" : "false"}});
  for (const auto& listener : listeners_)
    tell_up(listener, msg.session);
}

void session_mesh::has_ended(const session_ended& msg) {
  forget(msg.session, msg.reason);
}

void session_mesh::forget(uint64_t session, const caf::error& reason) {
  auto gone = table_.remove(session);
  auto found = actors_.find(session);
  if (!gone || found == actors_.end())
    return;
  auto actors = std::move(found->second);
  actors_.erase(found);
  send(opts_.bridge, stream_detach{session, reason});
  if (gone->id
      && (is_code(reason, ec::protocol_violation)
          || is_code(reason, ec::malformed_input)))
    opts_.node->note_conduct(*gone->id, conduct::violation);
  const auto* serving = gone->id ? table_.find(*gone->id) : nullptr;
  for (auto& answer : actors.waiting) {
    if (serving && serving->ready)
      answer.deliver(actors_.at(serving->session).services);
    else if (serving)
      wanted_[*gone->id].push_back(std::move(answer));
    else
      answer.deliver(
        reason ? reason
               : caf::make_error(ec::connection_closed, "the session ended"));
  }
  if (actors.wanted && !serving) {
    // A way that led nowhere; a relay is the last one to try.
    if (gone->relayed)
      give_up(*actors.wanted, reason);
    else if (wanted_.contains(*actors.wanted) && is_code(reason, ec::revoked))
      give_up(*actors.wanted, reason);
    else
      attempt_addresses(*actors.wanted, actors.other_addresses);
  }
  if (gone->ready && !serving) {
    counters_.note_ended();
    opts_.node->audit(
      "session.ended", to_string(*gone->id),
      {{"address", gone->address}, {"reason", to_string(reason)}});
    for (const auto& listener : listeners_)
      send(listener, peer_down{*gone->id, gone->relayed, reason});
  } else if (!gone->ready && !is_code(reason, ec::duplicate_name)) {
    audit_refusal(*gone, reason);
  }
}

void session_mesh::end(uint64_t session, caf::error reason) {
  if (auto found = actors_.find(session); found != actors_.end())
    send(found->second.peer, end_session{std::move(reason)});
}

void session_mesh::note(const messages_dropped& msg) {
  counters_.note_dropped(msg.count);
  opts_.node->audit("messages.dropped", to_string(msg.peer),
                    {{"count", std::to_string(msg.count)},
                     {"reason", "their receivers do not keep up"}});
}

void session_mesh::audit_refusal(const session_entry& entry,
                                 const caf::error& reason) {
  counters_.note_refused();
  // Else strangers could wash everything else out of the log.
  if (!entry.id && !entry.dialled && !refusals_.take(1, clock().now())) {
    ++refusals_untold_;
    return;
  }
  auto details = std::map<std::string, std::string>{
    {"address", entry.address},
    {"dialled", entry.dialled ? "true" : "false"},
    {"reason", to_string(reason)}};
  if (const auto untold = std::exchange(refusals_untold_, 0); untold > 0)
    details.emplace("untold", std::to_string(untold));
  opts_.node->audit("session.refused",
                    entry.id ? to_string(*entry.id) : std::string{},
                    std::move(details));
}

} // namespace starling::mesh
