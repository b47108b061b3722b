#pragma once

#include "actors/membership/gossip_membership.hpp"
#include "runtime/basp/node_name.hpp"
#include "runtime/identity/identity_key.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_mesh.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace starling::test {

/// A member with real keys behind a mesh without sessions.
struct test_member {
  identity::seeded_rng rng;
  identity::private_key key;
  fake_mesh mesh;
  node_context context;
  std::vector<std::pair<std::string, std::string>> audited;
  membership::gossip_membership_options options;
  membership_actor actor;
  uint64_t seeds;

  test_member(deterministic_system& system, size_t number)
    : rng{number},
      key{identity::private_key::generate(rng)},
      seeds{1'000 * number} {
    context.system = &system.sys();
    context.self = key.id();
    context.name = "node " + std::to_string(number);
    context.wall_clock = [&system] {
      return std::chrono::system_clock::time_point{
        std::chrono::hours{24 * 365 * 50}
        + std::chrono::duration_cast<std::chrono::system_clock::duration>(
          system.now().time_since_epoch())};
    };
    context.fresh_seed = [this] { return ++seeds; };
    context.audit = [this](std::string kind, std::string subject, auto) {
      audited.emplace_back(std::move(kind), std::move(subject));
    };
    context.mesh.set(spawn_fake_mesh(system.sys(), mesh));
    options.node = &context;
    options.caf_node = caf_node();
    options.endpoints = [number] {
      return std::vector<std::string>{"memory://" + std::to_string(number)};
    };
    options.public_key = key.public_part().bytes();
    options.sign = [this](std::string_view about, auto message) {
      return key.sign(about, message, rng);
    };
    options.credential = [] { return std::vector<uint8_t>{1}; };
    options.admit = [](const identity::public_key&,
                       std::span<const uint8_t> credential) -> result<void> {
      if (credential.size() == 1 && credential[0] == 1)
        return {};
      return failure{ec::authentication_failed, "no certificate"};
    };
  }

  /// CAF's name for the one run of this node.
  [[nodiscard]] std::string caf_node() const {
    return to_string(basp::node_name(key.id(), 1));
  }

  void start() {
    using impl = membership::gossip_membership_actor::stateful_impl<
      membership::gossip_membership_state>;
    actor = context.system->spawn<impl>(options);
    context.membership.set(actor);
  }

  void stop() {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    caf::anon_send_exit(context.mesh(), caf::exit_reason::kill);
    actor = nullptr;
    context.membership.set({});
    context.mesh.set({});
    mesh.listeners.clear();
    mesh.up.clear();
    mesh.others.clear();
  }
};

/// Members in one actor system and one virtual time.
struct member_flock {
  deterministic_system system;
  std::vector<std::unique_ptr<test_member>> members;

  explicit member_flock(size_t count) {
    for (size_t i = 0; i < count; ++i)
      members.push_back(std::make_unique<test_member>(system, i + 1));
  }

  ~member_flock() {
    for (auto& one : members)
      one->stop();
    system.run();
  }

  void start() {
    for (auto& one : members)
      one->start();
    system.run();
  }

  test_member& at(size_t index) {
    return *members.at(index);
  }

  void tell_up(size_t to, size_t about) {
    auto& other = at(about);
    auto peer = peer_services{other.context.self, other.context.name, {}, {}};
    peer.services.push_back(
      {"membership", caf::actor_cast<caf::strong_actor_ptr>(other.actor)});
    caf::anon_send(caf::actor_cast<caf::actor>(at(to).context.mesh()),
                   peer_up{peer, other.options.endpoints()[0], false});
  }

  /// A session between the two begins.
  void join(size_t a, size_t b) {
    tell_up(a, b);
    tell_up(b, a);
    system.run();
  }

  /// The session ends; `a` and `b` both notice.
  void part(size_t a, size_t b) {
    for (auto [x, y] : {std::pair{a, b}, std::pair{b, a}})
      if (const auto mesh = at(x).context.mesh())
        caf::anon_send(caf::actor_cast<caf::actor>(mesh),
                       peer_down{at(y).context.self, false, {}});
    system.run();
  }

  std::vector<member_info> known_to(size_t index) {
    auto found
      = system.ask<std::vector<member_info>>(at(index).actor, list_members{});
    REQUIRE(found);
    return *found;
  }

  member_info seen_by(size_t index, size_t other) {
    auto found = system.ask<member_info>(at(index).actor,
                                         find_member{at(other).context.self});
    REQUIRE(found);
    return *found;
  }
};

} // namespace starling::test
