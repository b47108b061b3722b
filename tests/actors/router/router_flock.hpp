#pragma once

#include "actors/link/relay_link.hpp"
#include "actors/router/link_state_router.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_mesh.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace starling::test {

/// A router behind a mesh and a membership that do what the test says.
struct test_router {
  fake_mesh mesh;
  std::vector<membership_listener_actor> listeners;
  node_context context;
  router::link_state_router_options options;
  router_actor actor;
  uint64_t seeds = 0;
  /// Encoded packets that left this node.
  std::vector<std::vector<uint8_t>> sent;
};

/// Routers in one actor system and one virtual time; links hand packets over
/// after `delay`.
struct router_flock {
  deterministic_system system;
  std::vector<std::unique_ptr<test_router>> routers;
  std::set<std::pair<size_t, size_t>> links;
  std::chrono::milliseconds delay{1};

  struct parcel {
    deterministic_system::time_point due;
    size_t from = 0;
    size_t to = 0;
    std::vector<uint8_t> bytes;
  };

  /// Packets on links, in the order of their arrival.
  std::deque<parcel> on_the_way;

  static peer_id id(size_t index) {
    auto result = peer_id{};
    result.bytes[0] = static_cast<uint8_t>(index + 1);
    return result;
  }

  static size_t index_of(const peer_id& node) {
    return node.bytes[0] - size_t{1};
  }

  explicit router_flock(size_t count) {
    for (size_t i = 0; i < count; ++i)
      routers.push_back(make(i));
    system.watch({[this]() -> std::optional<deterministic_system::time_point> {
                    if (on_the_way.empty())
                      return std::nullopt;
                    return on_the_way.front().due;
                  },
                  [this](auto now) { arrive(now); }});
    system.run();
  }

  ~router_flock() {
    for (size_t i = 0; i < routers.size(); ++i)
      kill(i);
    system.run();
  }

  test_router& at(size_t index) {
    return *routers.at(index);
  }

  /// Links two nodes; their sessions stand, and all hear of it.
  void join(size_t a, size_t b) {
    links.insert(std::minmax(a, b));
    for (auto [x, y] : {std::pair{a, b}, std::pair{b, a}})
      tell_mesh(x, peer_up{{id(y), {}, {}, {}}, {}, false});
    gossip();
  }

  /// Breaks a link; only its ends notice.
  void part(size_t a, size_t b) {
    links.erase(std::minmax(a, b));
    for (auto [x, y] : {std::pair{a, b}, std::pair{b, a}})
      tell_mesh(x, peer_down{id(y), false, {}});
    system.run();
  }

  /// Everybody hears of all links.
  void gossip() {
    for (size_t about = 0; about < routers.size(); ++about) {
      auto member = member_info{};
      member.id = id(about);
      for (auto [a, b] : links)
        if (a == about || b == about)
          member.neighbours.push_back({id(a == about ? b : a), 500, 1.0});
      for (auto& one : routers)
        if (const auto to = one->context.membership())
          caf::anon_send(caf::actor_cast<caf::actor>(to),
                         member_change{member});
    }
    system.run();
  }

  /// The process is gone; its neighbours notice.
  void kill(size_t index) {
    auto& one = at(index);
    for (auto [a, b] : std::set{links})
      if (a == index || b == index)
        part(a, b);
    if (!one.actor)
      return;
    for (auto& link : one.mesh.links)
      caf::anon_send_exit(link.link, caf::exit_reason::kill);
    one.mesh.links.clear();
    caf::anon_send_exit(one.actor, caf::exit_reason::kill);
    caf::anon_send_exit(one.context.mesh(), caf::exit_reason::kill);
    caf::anon_send_exit(one.context.membership(), caf::exit_reason::kill);
    one.actor = nullptr;
    one.context.mesh.set({});
    one.context.membership.set({});
    one.context.router.set({});
    one.mesh.listeners.clear();
    one.mesh.others.clear();
    one.listeners.clear();
    system.run();
  }

  /// A packet that begins at `from`.
  void begin(size_t from, packet x) {
    x.source = id(from);
    const auto bytes = wire::encode(x);
    hand_over(from, id(from), bytes);
    system.advance(std::chrono::milliseconds{100});
  }

  std::vector<peer_id> path(size_t from, size_t to) {
    auto way = system.ask<route_info>(at(from).actor, find_route{id(to)});
    return way ? way->path : std::vector<peer_id>{};
  }

  void hand_over(size_t to, const peer_id& from,
                 const std::vector<uint8_t>& bytes) {
    if (!at(to).actor)
      return;
    const auto* first = reinterpret_cast<const caf::byte*>(bytes.data());
    caf::anon_send(at(to).actor,
                   mesh_packet{from, {first, first + bytes.size()}});
  }

private:
  template <class Message>
  void tell_mesh(size_t index, Message msg) {
    if (const auto mesh = at(index).context.mesh())
      caf::anon_send(caf::actor_cast<caf::actor>(mesh), std::move(msg));
    system.run();
  }

  static caf::behavior
  membership(caf::event_based_actor* self,
             std::vector<membership_listener_actor>* listeners) {
    return {
      [listeners](caf::subscribe_atom,
                  const membership_listener_actor& listener) {
        listeners->push_back(listener);
      },
      [self, listeners](const member_change& msg) {
        for (const auto& listener : *listeners)
          self->send(listener, msg);
      },
    };
  }

  void arrive(deterministic_system::time_point now) {
    while (!on_the_way.empty() && on_the_way.front().due <= now) {
      const auto x = std::move(on_the_way.front());
      on_the_way.pop_front();
      if (links.contains(std::minmax(x.from, x.to)))
        hand_over(x.to, id(x.from), x.bytes);
    }
  }

  /// Carries a packet over a link, if there is one when it arrives.
  void carry(size_t from, const send_packet& msg) {
    const auto* first = reinterpret_cast<const uint8_t*>(msg.packet.data());
    auto bytes = std::vector<uint8_t>(first, first + msg.packet.size());
    at(from).sent.push_back(bytes);
    const auto to = index_of(msg.next_hop);
    if (!links.contains(std::minmax(from, to)) || !at(to).actor)
      return;
    on_the_way.push_back({system.now() + delay, from, to, std::move(bytes)});
  }

  std::unique_ptr<test_router> make(size_t index) {
    auto one = std::make_unique<test_router>();
    auto& raw = *one;
    raw.seeds = 1'000 * (index + 1);
    raw.context.system = &system.sys();
    raw.context.self = id(index);
    raw.context.wall_clock = [this] {
      return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
          system.now().time_since_epoch())};
    };
    raw.context.fresh_seed = [&raw] { return ++raw.seeds; };
    raw.mesh.send = [this, index](const send_packet& msg) -> caf::result<void> {
      carry(index, msg);
      return caf::unit;
    };
    raw.context.mesh.set(spawn_fake_mesh(system.sys(), raw.mesh));
    raw.context.membership.set(caf::actor_cast<membership_actor>(
      system.sys().spawn(membership, &raw.listeners)));
    raw.options.node = &raw.context;
    raw.options.spawn_relay = [&raw](const router::relay_request& request) {
      auto opts = link::relay_link_options{};
      opts.node = &raw.context;
      opts.router = request.router;
      opts.other = request.other;
      opts.seed = request.seed;
      opts.wrap = [header = request.header](auto datagram) {
        return encode(header, datagram);
      };
      using impl = relay_actor::stateful_impl<link::relay_link_state>;
      return raw.context.system->spawn<impl>(std::move(opts));
    };
    using impl = router::link_state_router_actor::stateful_impl<
      router::link_state_router_state>;
    raw.actor = system.sys().spawn<impl>(raw.options);
    raw.context.router.set(raw.actor);
    return one;
  }
};

} // namespace starling::test
