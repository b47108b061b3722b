#pragma once

#include "messages/link.hpp"
#include "messages/mesh.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/result.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace starling::test {

/// What a test sees of a mesh without sessions, and how it answers.
struct fake_mesh {
  /// Peers that are up, told to new listeners too.
  std::vector<peer_up> up;
  std::vector<std::string> dialled;
  /// Answers dialling.
  std::function<caf::result<peer_services>(const connect_address&)> connect
    = [](const connect_address& msg) -> caf::result<peer_services> {
    return caf::make_error(ec::unreachable, msg.address);
  };
  /// Takes packets for neighbours.
  std::function<caf::result<void>(const send_packet&)> send
    = [](const send_packet&) -> caf::result<void> { return caf::unit; };
  std::vector<mesh_listener_actor> listeners;
  /// Links that came in.
  std::vector<link_opened> links;
  std::vector<caf::message> others;
};

/// Spawns a mesh that does what `content` says, which must outlive it. Tell it
/// `peer_up` or `peer_down`, and it tells its listeners. The caller ends it.
inline mesh_actor spawn_fake_mesh(caf::actor_system& system,
                                  fake_mesh& content) {
  auto made
    = system.spawn([&content](caf::event_based_actor* self) -> caf::behavior {
        self->set_default_handler(
          [&content](caf::scheduled_actor*,
                     caf::message& msg) -> caf::skippable_result {
            content.others.push_back(msg);
            return caf::make_message();
          });
        return {
          [self, &content](caf::subscribe_atom,
                           const mesh_listener_actor& listener) {
            content.listeners.push_back(listener);
            for (const auto& x : content.up)
              self->send(listener, x);
          },
          [self, &content](const peer_up& msg) {
            content.up.push_back(msg);
            for (const auto& listener : content.listeners)
              self->send(listener, msg);
          },
          [self, &content](const peer_down& msg) {
            std::erase_if(content.up,
                          [&](const auto& x) { return x.peer.id == msg.id; });
            for (const auto& listener : content.listeners)
              self->send(listener, msg);
          },
          [&content](const connect_address& msg) {
            content.dialled.push_back(msg.address);
            return content.connect(msg);
          },
          [&content](const send_packet& msg) { return content.send(msg); },
          [&content](const link_opened& msg) { content.links.push_back(msg); },
        };
      });
  return caf::actor_cast<mesh_actor>(made);
}

} // namespace starling::test
