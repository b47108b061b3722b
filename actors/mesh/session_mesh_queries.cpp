// What a mesh is asked, and the orders that it takes.

#include "actors/mesh/session_mesh.hpp"

#include <algorithm>
#include <utility>

namespace starling::mesh {

caf::result<caf::strong_actor_ptr> session_mesh::find(const find_service& msg) {
  auto answer = make_response_promise<caf::strong_actor_ptr>();
  request(caf::actor_cast<mesh_actor>(this), caf::infinite,
          connect_peer{msg.id})
    .then(
      [answer, wanted = msg.name](const peer_services& peer) mutable {
        for (const auto& service : peer.services)
          if (service.name == wanted) {
            answer.deliver(service.actor);
            return;
          }
        answer.deliver(
          caf::make_error(ec::unknown_name, "node " + short_name(peer.id)
                                              + " has no service " + wanted));
      },
      [answer](caf::error& reason) mutable {
        answer.deliver(std::move(reason));
      });
  return answer;
}

caf::result<std::vector<peer_status>> session_mesh::list() {
  auto answer = make_response_promise<std::vector<peer_status>>();
  auto found = std::make_shared<std::vector<peer_status>>();
  auto open = std::make_shared<size_t>(1);
  auto finish = [answer, found, open]() mutable {
    if (--*open > 0)
      return;
    std::sort(found->begin(), found->end(),
              [](const auto& x, const auto& y) { return x.id < y.id; });
    answer.deliver(std::move(*found));
  };
  for (const auto& [session, entry] : table_.all()) {
    if (!entry.ready)
      continue;
    ++*open;
    request(actors_.at(session).peer, opts_.connection_timeout, query_session{})
      .then(
        [found, finish](const peer_status& status) mutable {
          found->push_back(status);
          finish();
        },
        [finish](const caf::error&) mutable { finish(); });
  }
  finish();
  return answer;
}

caf::result<void> session_mesh::disconnect(const disconnect_peer& msg) {
  const auto* entry = table_.find(msg.id);
  if (!entry)
    return caf::make_error(ec::unknown_peer, to_string(msg.id));
  end(entry->session, caf::make_error(ec::connection_closed, msg.reason));
  return caf::unit;
}

caf::result<void> session_mesh::send_on(send_packet& msg) {
  const auto* entry = table_.find(msg.next_hop);
  if (!entry || !entry->ready || entry->relayed)
    return caf::make_error(ec::unreachable,
                           "no link to neighbour " + short_name(msg.next_hop));
  send(actors_.at(entry->session).peer, std::move(msg));
  return caf::unit;
}

void session_mesh::block(const block_peer& msg) {
  opts_.block(msg.id, msg.reason);
  if (const auto* entry = table_.find(msg.id))
    end(entry->session, caf::make_error(ec::quarantined, msg.reason));
}

void session_mesh::subscribe(const mesh_listener_actor& listener) {
  monitor(listener);
  listeners_.push_back(listener);
  for (const auto& [session, entry] : table_.all())
    if (entry.ready)
      tell_up(listener, session);
}

void session_mesh::tell_up(const mesh_listener_actor& listener,
                           uint64_t session) {
  const auto* entry = table_.find(session);
  send(listener,
       peer_up{actors_.at(session).services, entry->address, entry->relayed});
}

} // namespace starling::mesh
