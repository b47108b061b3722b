#pragma once

#include "deploy/node/node_system.hpp"
#include "messages/bridge.hpp"
#include "messages/mesh.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_mesh.hpp"

#include <caf/actor_cast.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/io/basp/version.hpp>
#include <caf/io/network/test_multiplexer.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace starling::test {

using caf::io::basp::header;
using caf::io::basp::message_type;

/// Largest BASP message of the nodes below.
inline constexpr uint64_t broker_packet_max = 1'000'000;

/// A node that consists of its BASP broker and what lies around it: owners of
/// streams, and a mesh that is asked for sessions.
struct broker_node {
  deterministic_system system{
    network::none, [](caf::actor_system_config& config) {
      deploy::configure_node<caf::io::network::test_multiplexer>(
        config, caf::node_id{}, broker_packet_max);
    }};
  bridge_actor bridge = basp::bridge_of(system.sys());
  /// What the broker told the owner of its streams.
  std::deque<stream_bytes> out;
  std::vector<stream_credit> credits;
  std::vector<stream_up> up;
  std::vector<stream_failed> failed;
  stream_owner_actor owner = system.sys().spawn(
    [](stream_owner_actor::pointer,
       broker_node* node) -> stream_owner_actor::behavior_type {
      return {
        [node](stream_bytes& msg) { node->out.push_back(std::move(msg)); },
        [node](const stream_credit& msg) { node->credits.push_back(msg); },
        [node](const stream_up& msg) { node->up.push_back(msg); },
        [node](const stream_failed& msg) { node->failed.push_back(msg); },
      };
    },
    this);
  std::vector<caf::actor> to_end;

  ~broker_node() {
    up.clear();
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    owner = nullptr;
    for (auto& each : to_end)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    to_end.clear();
    system.run();
  }

  [[nodiscard]] caf::node_id id() {
    return system.sys().node();
  }

  template <class Handle>
  Handle keep(Handle handle) {
    to_end.push_back(caf::actor_cast<caf::actor>(handle));
    return handle;
  }

  /// Spawns an actor that notes the messages which `behavior` does not take.
  caf::actor spawn_note_taker(std::vector<std::string>& notes,
                              const std::function<caf::behavior()>& more = {}) {
    return keep(system.sys().spawn(
      [&notes, more](caf::event_based_actor* self) -> caf::behavior {
        self->set_default_handler(
          [&notes](caf::scheduled_actor*,
                   caf::message& msg) -> caf::skippable_result {
            notes.push_back(to_string(msg));
            return caf::make_message();
          });
        if (more)
          return more();
        return {[](caf::ok_atom) {}};
      }));
  }

  /// Begins BASP with a node on the stream of that number.
  void attach(uint64_t stream, const caf::node_id& node, bool initiator,
              const std::vector<caf::actor>& services = {},
              std::vector<remote_service> offered = {}) {
    auto msg = stream_attach{};
    msg.stream = stream;
    msg.owner = owner;
    msg.peer.bytes.fill(static_cast<uint8_t>(stream));
    msg.node = node;
    msg.initiator = initiator;
    for (const auto& service : services)
      msg.services.push_back(caf::actor_cast<caf::strong_actor_ptr>(service));
    msg.offered = std::move(offered);
    system.tell(bridge, std::move(msg));
  }
};

inline caf::strong_actor_ptr ptr(const caf::actor& handle) {
  return caf::actor_cast<caf::strong_actor_ptr>(handle);
}

/// A node that writes its BASP bytes by hand, with no CAF behind it.
class hand_written_peer {
public:
  explicit hand_written_peer(broker_node& victim, uint64_t stream = 1,
                             uint8_t number = 0xab)
    : victim_{victim},
      stream_{stream} {
    auto host = caf::hashed_node_id::host_id_type{};
    host.fill(number);
    id_ = caf::make_node_id(number, host);
  }

  /// An actor that this node offers.
  static constexpr caf::actor_id own_actor = 7;

  [[nodiscard]] const caf::node_id& id() const {
    return id_;
  }

  /// Attaches to the victim as the side that waits, and greets it.
  void meet(const std::vector<caf::actor>& services = {}) {
    victim_.attach(stream_, id_, false, services, {{"theirs", own_actor}});
    greet(id_);
  }

  /// Says whose BASP this is.
  void greet(const caf::node_id& as) {
    send(header{message_type::client_handshake, 0, 0, 0, 0, 0},
         [&](auto& sink) { return sink.apply(as); });
  }

  /// Sends a message from an actor of this node.
  void message(caf::actor_id from, caf::actor_id to,
               const caf::message& content,
               caf::message_id mid = caf::message_id{}) {
    send(
      header{message_type::direct_message, 0, 0, mid.integer_value(), from, to},
      [&](auto& sink) {
        return sink.apply(std::vector<caf::strong_actor_ptr>{})
               && sink.apply(content);
      });
  }

  /// Asks for a link between an actor of any node and one of the victim's.
  void link(const caf::node_id& node, caf::actor_id actor, caf::actor_id to) {
    send(header{message_type::direct_message, 0, 0,
                caf::message_id{}.integer_value(), actor, to},
         [&](auto& sink) {
           return sink.apply(std::vector<caf::strong_actor_ptr>{})
                  && sink.begin_sequence(2)
                  && sink.value(caf::type_id_v<caf::link_atom>)
                  && sink.value(caf::type_id_v<caf::strong_actor_ptr>)
                  && write_handle(sink, node, actor);
         });
  }

  /// Says that an actor has ended.
  void down(const caf::node_id& of, caf::actor_id actor,
            const caf::node_id& told, caf::error reason) {
    send(header{message_type::down_message, 0, 0, 0, actor, 0},
         [&](auto& sink) {
           return sink.apply(of) && sink.apply(told) && sink.apply(reason);
         });
  }

  /// Asks to be told when an actor ends.
  void monitor(const caf::node_id& as, const caf::node_id& at,
               caf::actor_id actor) {
    send(header{message_type::monitor_message, 0, 0, 0, 0, actor},
         [&](auto& sink) { return sink.apply(as) && sink.apply(at); });
  }

  /// Sends a message whose content holds a handle, made from numbers only.
  void message_with_handle(caf::actor_id from, caf::actor_id to,
                           const caf::node_id& node, caf::actor_id actor,
                           caf::message_id mid = caf::message_id{}) {
    send(
      header{message_type::direct_message, 0, 0, mid.integer_value(), from, to},
      [&](auto& sink) {
        return sink.apply(std::vector<caf::strong_actor_ptr>{})
               && sink.begin_sequence(1)
               && sink.value(caf::type_id_v<caf::strong_actor_ptr>)
               && write_handle(sink, node, actor);
      });
  }

  static bool write_handle(caf::binary_serializer& sink,
                           const caf::node_id& node, caf::actor_id actor) {
    auto copy = node;
    return sink.value(uint64_t{actor}) && sink.apply(copy);
  }

  using payload_fun = std::function<bool(caf::binary_serializer&)>;

  /// Sends a frame as it is; the length is filled in unless it is given.
  void send(header hdr, const payload_fun& payload = {}) {
    auto content = caf::byte_buffer{};
    auto sink = caf::binary_serializer{victim_.system.sys(), content};
    if (payload)
      REQUIRE(payload(sink));
    if (payload)
      hdr.payload_len = static_cast<uint32_t>(content.size());
    auto bytes = caf::byte_buffer{};
    auto head = caf::binary_serializer{victim_.system.sys(), bytes};
    REQUIRE(head.apply(hdr));
    bytes.insert(bytes.end(), content.begin(), content.end());
    send(std::move(bytes));
  }

  void send(caf::byte_buffer bytes) {
    victim_.system.tell(victim_.bridge,
                        stream_bytes{stream_, std::move(bytes)});
  }

private:
  broker_node& victim_;
  uint64_t stream_;
  caf::node_id id_;
};

/// Two nodes whose streams lead to each other, without sessions.
struct broker_pair {
  broker_node a;
  broker_node b;
  /// Nothing passes while this is set.
  bool cut = false;

  void meet(const std::vector<caf::actor>& of_a,
            const std::vector<caf::actor>& of_b) {
    a.attach(1, b.id(), true, of_a, names(of_b));
    b.attach(1, a.id(), false, of_b, names(of_a));
    run();
    REQUIRE(a.up.size() == 1);
    REQUIRE(b.up.size() == 1);
  }

  /// Handles everything until both nodes are idle.
  void run() {
    for (auto busy = true; busy;) {
      busy = a.system.run();
      busy = b.system.run() || busy;
      if (!cut) {
        busy = carry(a, b) || busy;
        busy = carry(b, a) || busy;
      }
    }
  }

  /// Handle of a service of `b`, at `a`.
  [[nodiscard]] caf::actor at_a(size_t index = 0) const {
    return caf::actor_cast<caf::actor>(a.up.back().services[index].actor);
  }

  [[nodiscard]] caf::actor at_b(size_t index = 0) const {
    return caf::actor_cast<caf::actor>(b.up.back().services[index].actor);
  }

private:
  static std::vector<remote_service>
  names(const std::vector<caf::actor>& services) {
    auto result = std::vector<remote_service>{};
    for (const auto& service : services)
      result.push_back({"service", service.id()});
    return result;
  }

  static bool carry(broker_node& from, broker_node& to) {
    const auto worked = !from.out.empty() || !from.credits.empty();
    for (; !from.out.empty(); from.out.pop_front())
      caf::anon_send(to.bridge, std::move(from.out.front()));
    for (const auto& credit : from.credits)
      caf::anon_send(to.bridge, credit);
    from.credits.clear();
    return worked;
  }
};

} // namespace starling::test
