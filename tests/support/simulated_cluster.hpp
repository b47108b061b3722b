#pragma once

#include "actors/link/memory_network.hpp"
#include "actors/link/memory_transport.hpp"
#include "deploy/node/node.hpp"
#include "deploy/node/node_system.hpp"
#include "runtime/basp/node_name.hpp"
#include "runtime/identity/seeded_rng.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/io/network/test_multiplexer.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace starling::test {

/// Nodes in one process, on one thread and on one virtual clock: real sessions,
/// real BASP, over links that the test can cut. The same seed gives the same
/// run.
class simulated_cluster {
public:
  using tweak_fun = std::function<void(size_t index, config::node_options&)>;
  using catalog_fun = std::function<void(actor_catalog&)>;
  /// Changes what a node is made from, after its options were tweaked: takes
  /// its certificate away, makes it a sponsor, ...
  using parts_fun = std::function<void(size_t index, deploy::node_parts&)>;
  using time_point = deterministic_system::time_point;

  struct member {
    explicit member(uint64_t seed)
      : rng{std::make_shared<identity::seeded_rng>(seed)},
        key{std::make_shared<identity::private_key>(
          identity::private_key::generate(*rng))},
        system{network::none, [this](caf::actor_system_config& config) {
                 deploy::configure_node<caf::io::network::test_multiplexer>(
                   config, basp::node_name(key->id(), 1), 10'000'000);
               }} {
      // nop
    }

    std::shared_ptr<identity::seeded_rng> rng;
    std::shared_ptr<identity::private_key> key;
    std::vector<audit_event> events;
    std::shared_ptr<actor_catalog> catalog = std::make_shared<actor_catalog>();
    // Its actors use the node until the system is gone.
    std::unique_ptr<deploy::node> node;
    deterministic_system system;
    transport_actor transport;
    audit_actor audit;
    std::string address;
  };

  simulated_cluster(size_t count, uint64_t seed, const catalog_fun& fill = {},
                    const tweak_fun& tweak = {}, const parts_fun& shape = {})
    : exchange_{network_},
      cluster_rng_{seed},
      cluster_key_{identity::private_key::generate(cluster_rng_)} {
    for (size_t i = 0; i < count; ++i)
      add(i, seed_of(seed, i), fill, tweak, shape);
    run();
  }

  ~simulated_cluster() {
    for (auto& each : members_)
      each->node->stop();
    // Sessions end in order, which takes a few round trips.
    advance(std::chrono::seconds{10});
    for (auto& each : members_) {
      caf::anon_send_exit(each->transport, caf::exit_reason::user_shutdown);
      caf::anon_send_exit(each->audit, caf::exit_reason::user_shutdown);
      each->transport = nullptr;
      each->audit = nullptr;
    }
    run();
  }

  simulated_cluster(const simulated_cluster&) = delete;
  simulated_cluster& operator=(const simulated_cluster&) = delete;

  [[nodiscard]] size_t size() const {
    return members_.size();
  }

  deploy::node& node(size_t index) {
    return *members_[index]->node;
  }

  deterministic_system& system(size_t index) {
    return members_[index]->system;
  }

  const std::string& address(size_t index) const {
    return members_[index]->address;
  }

  const std::vector<audit_event>& events(size_t index) const {
    return members_[index]->events;
  }

  link::memory_network& network() {
    return network_;
  }

  [[nodiscard]] const identity::private_key& cluster_key() const {
    return cluster_key_;
  }

  /// Makes a node a member in the name of the cluster, for a year.
  identity::membership certify(const peer_id& subject, std::string name,
                               bool may_sponsor = false) {
    auto body = identity::certificate_body{};
    body.subject = subject;
    body.name = std::move(name);
    body.not_before = epoch_ - std::chrono::hours{1};
    body.not_after = epoch_ + std::chrono::hours{24 * 365};
    body.may_sponsor = may_sponsor;
    return *identity::issue(cluster_key_, body, cluster_rng_);
  }

  /// Time as people read it, at the present point of virtual time.
  [[nodiscard]] std::chrono::system_clock::time_point wall_clock() {
    return epoch_
           + std::chrono::duration_cast<std::chrono::system_clock::duration>(
             now().time_since_epoch());
  }

  /// The identity of a node in each cluster with that seed.
  static identity::private_key key_of(uint64_t seed, size_t index) {
    auto rng = identity::seeded_rng{seed_of(seed, index)};
    return identity::private_key::generate(rng);
  }

  static std::string name_of(size_t index) {
    return "n" + std::to_string(index);
  }

  /// Handles messages until all nodes are idle.
  void run() {
    for (auto busy = true; busy;) {
      busy = false;
      for (auto& each : members_)
        busy = each->system.run() || busy;
    }
  }

  void advance(std::chrono::nanoseconds duration) {
    const auto end = now() + duration;
    run();
    for (auto due = next_due(); due && *due <= end; due = next_due())
      advance_to(*due);
    advance_to(end);
  }

  [[nodiscard]] time_point now() {
    return members_.front()->system.now();
  }

  /// Sends a request from one node and lets time pass until the answer is
  /// there, at most a minute.
  template <class Result, class Handle, class... Ts>
  caf::expected<Result>
  ask(size_t from, const Handle& receiver, Ts&&... content) {
    auto asker = caf::scoped_actor{members_[from]->system.sys()};
    auto pending
      = asker->request(receiver, caf::infinite, std::forward<Ts>(content)...);
    const auto end = now() + std::chrono::minutes{1};
    run();
    while (!asker->has_next_message() && now() < end)
      advance(std::chrono::milliseconds{10});
    if (!asker->has_next_message())
      return caf::make_error(caf::sec::request_timeout);
    auto result = caf::expected<Result>{caf::sec::none};
    pending.receive([&](Result& value) { result = std::move(value); },
                    [&](caf::error& reason) { result = std::move(reason); });
    return result;
  }

private:
  static uint64_t seed_of(uint64_t seed, size_t index) {
    return seed * 1'000 + index;
  }

  void add(size_t index, uint64_t seed, const catalog_fun& fill,
           const tweak_fun& tweak, const parts_fun& shape) {
    auto& each = *members_.emplace_back(std::make_unique<member>(seed));
    if (fill)
      fill(*each.catalog);
    auto& sys = each.system.sys();
    using transport_impl
      = transport_actor::stateful_impl<link::memory_transport_state>;
    each.transport = sys.spawn<transport_impl>(&exchange_, name_of(index));
    each.audit = sys.spawn([&each]() -> audit_actor::behavior_type {
      return {
        [&each](const audit_event& event) { each.events.push_back(event); },
        [](const query_audit&) { return audit_position{}; },
      };
    });
    auto parts = deploy::node_parts{};
    parts.options.node.name = name_of(index);
    parts.options.node.heartbeat_interval = std::chrono::seconds{1};
    // Tests count bytes; the one on compression turns it on.
    parts.options.node.compression = false;
    parts.options.node.listen.push_back(
      *config::parse_endpoint("memory://" + name_of(index)));
    parts.options.spawn_rules.push_back({std::nullopt, {"*"}, 1'000});
    parts.state.key = each.key;
    parts.state.cluster = cluster_key_.public_part();
    parts.state.own = certify(parts.state.key->id(), name_of(index));
    parts.rng = each.rng;
    parts.catalog = each.catalog;
    parts.transports["memory"] = each.transport;
    parts.audit = each.audit;
    parts.persistent = false;
    parts.wall_clock = [this, &each] {
      return epoch_
             + std::chrono::duration_cast<std::chrono::system_clock::duration>(
               each.system.now().time_since_epoch());
    };
    if (tweak)
      tweak(index, parts.options);
    if (shape)
      shape(index, parts);
    each.node = std::make_unique<deploy::node>(sys, std::move(parts));
    each.node->start(
      [&each](caf::expected<std::vector<std::string>> addresses) {
        REQUIRE(addresses);
        each.address = addresses->front();
      });
  }

  std::optional<time_point> next_due() {
    auto result = network_.next_due();
    for (auto& each : members_)
      if (auto due = each->system.next_due();
          due && (!result || *due < *result))
        result = due;
    return result;
  }

  void advance_to(time_point when) {
    for (auto& each : members_)
      each->system.advance_to(when);
    network_.deliver_due(now());
    run();
  }

  const std::chrono::system_clock::time_point epoch_{
    std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  link::memory_network network_;
  link::memory_exchange exchange_;
  identity::seeded_rng cluster_rng_;
  identity::private_key cluster_key_;
  std::vector<std::unique_ptr<member>> members_;
};

} // namespace starling::test
