#include "tests/support/simulated_cluster.hpp"

#include "actors/link/memory_transport.hpp"
#include "deploy/node/node_system.hpp"
#include "runtime/basp/node_name.hpp"

#include <algorithm>

namespace starling::test {

simulated_cluster::member::member(uint64_t seed)
  : rng{std::make_shared<identity::seeded_rng>(seed)},
    key{std::make_shared<identity::private_key>(
      identity::private_key::generate(*rng))},
    system{network::none,
           [this](caf::actor_system_config& config) {
             deploy::configure_node<virtual_loop>(
               config, basp::node_name(key->id(), 1), 10'000'000);
           }},
    loop{&dynamic_cast<virtual_loop&>(system.sys().middleman().backend())} {
  // nop
}

simulated_cluster::simulated_cluster(size_t count, uint64_t seed,
                                     const catalog_fun& fill,
                                     const tweak_fun& tweak,
                                     const parts_fun& shape)
  : exchange_{network_},
    cluster_rng_{seed},
    cluster_key_{identity::private_key::generate(cluster_rng_)} {
  for (size_t i = 0; i < count; ++i)
    add(i, seed_of(seed, i), fill, tweak, shape);
  run();
}

simulated_cluster::~simulated_cluster() {
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

identity::membership simulated_cluster::certify(const peer_id& subject,
                                                std::string name,
                                                bool may_sponsor) {
  auto body = identity::certificate_body{};
  body.subject = subject;
  body.name = std::move(name);
  body.not_before = epoch_ - std::chrono::hours{1};
  body.not_after = epoch_ + std::chrono::hours{24 * 365};
  body.may_sponsor = may_sponsor;
  return *identity::issue(cluster_key_, body, cluster_rng_);
}

identity::private_key simulated_cluster::key_of(uint64_t seed, size_t index) {
  auto rng = identity::seeded_rng{seed_of(seed, index)};
  return identity::private_key::generate(rng);
}

void simulated_cluster::run() {
  for (auto busy = true; busy;) {
    busy = false;
    for (auto& each : members_)
      busy = (!each->is_idle() && each->system.run()) || busy;
  }
}

void simulated_cluster::advance(std::chrono::nanoseconds duration) {
  const auto end = now() + duration;
  run();
  for (auto due = next_due(); due && *due <= end; due = next_due())
    advance_to(*due);
  advance_to(end);
}

void simulated_cluster::add(size_t index, uint64_t seed,
                            const catalog_fun& fill, const tweak_fun& tweak,
                            const parts_fun& shape) {
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
  // Of the two hybrids the one that takes less time; a session does not care.
  parts.options.session.groups = {"X25519_ML_KEM_768"};
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
  each.node->start([&each](caf::expected<std::vector<std::string>> addresses) {
    REQUIRE(addresses);
    each.address = addresses->front();
  });
}

std::optional<simulated_cluster::time_point> simulated_cluster::next_due() {
  auto result = network_.next_due();
  for (auto& each : members_)
    if (auto due = each->system.next_due(); due && (!result || *due < *result))
      result = due;
  return result;
}

void simulated_cluster::advance_to(time_point when) {
  for (auto& each : members_) {
    each->system.set_time(when);
    // Nearly always one of them has something to do, and the others nothing.
    if (!each->is_idle())
      each->system.run();
  }
  network_.deliver_due(now());
  run();
}

} // namespace starling::test
