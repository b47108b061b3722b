// The actors of a node: which there are, what each is given, and what happens
// when one of them is replaced.

#include "actors/discovery/bootstrap_discovery.hpp"
#include "actors/link/relay_link.hpp"
#include "actors/membership/gossip_membership.hpp"
#include "actors/mesh/session_mesh.hpp"
#include "actors/peer/session_peer.hpp"
#include "actors/router/link_state_router.hpp"
#include "actors/spawner/catalog_spawner.hpp"
#include "actors/supervisor/tree_supervisor.hpp"
#include "deploy/node/node.hpp"
#include "runtime/basp/mesh_middleman.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace starling::deploy {

namespace {

/// Roles in the order they are started; each may use those before it.
constexpr const char* role_order[]
  = {"mesh", "membership", "router", "spawner", "peers", "discovery"};

/// Stands alone and needs none of them, so it comes last.
constexpr auto monitor_role = "resources";

/// Headers and signature of a packet, bytes.
constexpr size_t frame_overhead = 100'000;

/// Datagrams of relayed links: a message of 64 KiB and what stands around it.
constexpr size_t relay_datagram_max = 72 * 1024;

caf::timespan to_timespan(std::chrono::milliseconds x) {
  return std::chrono::duration_cast<caf::timespan>(x);
}

} // namespace

void node::fill_roles() {
  // Names are ours and distinct, so nothing can go wrong here.
  auto add = [this](const char* name, auto spawn, auto& slot) {
    using handle = decltype((this->*spawn)());
    [[maybe_unused]] auto added = roles_.add<handle>(
      name, "a role of this node",
      [this, spawn, &slot](node_context&,
                           const caf::settings&) -> caf::expected<handle> {
        auto spawned = (this->*spawn)();
        slot.set(spawned);
        return spawned;
      });
  };
  add("mesh", &node::spawn_mesh, context_.mesh);
  add("membership", &node::spawn_membership, context_.membership);
  add("router", &node::spawn_router, context_.router);
  add("spawner", &node::spawn_spawner, context_.spawner);
  [[maybe_unused]] auto added = roles_.add<discovery_actor>(
    "discovery", "a role of this node",
    [this](node_context&, const caf::settings&)
      -> caf::expected<discovery_actor> { return spawn_discovery(); });
  added = roles_.add<zone::peer_keeper_actor>(
    "peers", "a role of this node",
    [this](node_context&,
           const caf::settings&) -> caf::expected<zone::peer_keeper_actor> {
      return spawn_peer_keeper();
    });
  if (!added && parts_.sample)
    added = roles_.add<resources::resource_monitor_actor>(
      monitor_role, "a role of this node",
      [this](node_context&, const caf::settings&)
        -> caf::expected<resources::resource_monitor_actor> {
        return spawn_monitor();
      });
}

void node::spawn_supervisor() {
  auto opts = supervisor::tree_supervisor_options{};
  // A role that fails takes those along that were started on top of it.
  opts.policy.how = supervision::strategy::rest_for_one;
  opts.policy.intensity = parts_.options.supervision.intensity;
  opts.policy.period = parts_.options.supervision.period;
  for (const auto* role : role_order)
    opts.children.push_back({role, role, {}});
  if (parts_.sample)
    opts.children.push_back({monitor_role, monitor_role, {}});
  using impl
    = supervisor_actor::stateful_impl<supervisor::tree_supervisor_state>;
  supervisor_ = system_.spawn<impl>(roles_, context_, std::move(opts));
}

void node::start(started_fun done) {
  spawn_keeper(std::move(done));
}

/// Announces the roles to the mesh, at first and when one was replaced.
void node::spawn_keeper(started_fun done) {
  keeper_ = system_.spawn([this, done = std::move(done)](
                            caf::event_based_actor* self) -> caf::behavior {
    auto announce = [this, self](started_fun tell) {
      self->request(context_.mesh(), caf::infinite, start_mesh{services()})
        .then(
          [this, self, tell](mesh_addresses& found) {
            facts_.set_endpoints(found.addresses);
            if (!tell)
              return;
            // Only now: they may look for their node's peers.
            configured_.start(
              self, [tell, addresses = found.addresses](caf::error failed) {
                if (failed)
                  tell(std::move(failed));
                else
                  tell(addresses);
              });
          },
          [tell](caf::error& reason) {
            if (tell)
              tell(std::move(reason));
          });
    };
    // The children stand once the supervisor answers.
    self->request(supervisor_, caf::infinite, list_children{})
      .then(
        [this, self, announce, done](const std::vector<child_status>&) {
          self->send(supervisor_, caf::subscribe_atom_v,
                     caf::actor_cast<child_listener_actor>(self));
          announce(done);
        },
        [done](caf::error& reason) { done(std::move(reason)); });
    return {
      [this, announce](const child_restarted& msg) {
        context_.audit("role.restarted", msg.name,
                       {{"reason", to_string(msg.reason)}});
        announce({});
      },
    };
  });
}

std::vector<named_service> node::services() const {
  using caf::actor_cast;
  using caf::strong_actor_ptr;
  return {
    {"membership", actor_cast<strong_actor_ptr>(context_.membership())},
    {"spawner", actor_cast<strong_actor_ptr>(context_.spawner())},
  };
}

// -- one function a role ------------------------------------------------------

mesh_actor node::spawn_mesh() {
  auto opts = mesh::session_mesh_options{};
  opts.node = &context_;
  opts.bridge = basp::bridge_of(system_);
  opts.transports = parts_.transports;
  for (const auto& endpoint : parts_.options.node.listen)
    opts.listen.push_back(to_string(endpoint));
  if (parts_.options.node.dial == "bootstrap")
    opts.dial = mesh::dial_list{parts_.options.node.bootstrap};
  opts.spawn_peer
    = [this](const mesh::peer_request& request) { return spawn_peer(request); };
  opts.is_blocked = [this](const peer_id& id) -> std::optional<std::string> {
    if (policy_->revocations().contains(id))
      return "node " + short_name(id) + " is revoked";
    return policy_->block_reason(id);
  };
  opts.block = [this](const peer_id& id, std::string reason) {
    policy_->block(id, std::move(reason));
  };
  opts.unblock = [this](const peer_id& id) { policy_->unblock(id); };
  opts.joined
    = [this](const caf::byte_buffer& reply) { take_membership(reply); };
  opts.admit = [this] { return parts_.resources->admit(); };
  opts.limits.peers_max = parts_.options.limits.max_peers;
  opts.connection_timeout = to_timespan(parts_.options.node.connection_timeout);
  auto cfg = caf::actor_config{&system_.middleman().backend()};
  return caf::actor_cast<mesh_actor>(
    system_.spawn_impl<mesh::session_mesh, caf::no_spawn_options>(
      cfg, std::move(opts)));
}

peer_actor node::spawn_peer(const mesh::peer_request& request) {
  auto opts = peer::session_peer_options{};
  opts.session = request.session;
  opts.side
    = request.dialled ? session::role::initiator : session::role::responder;
  opts.link = request.link;
  opts.address = request.address;
  opts.relayed = request.relayed;
  opts.context = session_context_;
  opts.expected = request.expected;
  opts.owner = request.owner;
  opts.bridge = basp::bridge_of(system_);
  opts.packets = [this] {
    return caf::actor_cast<packet_handler_actor>(context_.router());
  };
  opts.name = context_.name;
  opts.endpoints = request.endpoints;
  opts.services = request.services;
  opts.heartbeat_interval = parts_.options.node.heartbeat_interval;
  if (request.relayed)
    // A node on the way that hangs is found out by its neighbours after as many
    // as a session without relays waits for; this one is to outlive that.
    opts.heartbeats_missed_max *= 3;
  // What a relayed link sends are packets, which count where they leave.
  opts.bandwidth = request.relayed ? nullptr : &bandwidth_;
  opts.compression = parts_.options.node.compression;
  opts.frame_max = parts_.options.limits.max_packet_size.bytes + frame_overhead;
  opts.resources = parts_.resources.get();
  auto cfg = caf::actor_config{&system_.middleman().backend()};
  return caf::actor_cast<peer_actor>(
    system_.spawn_impl<peer::session_peer, caf::no_spawn_options>(
      cfg, std::move(opts)));
}

membership_actor node::spawn_membership() {
  auto opts = membership::gossip_membership_options{};
  opts.node = &context_;
  opts.endpoints = [this] { return facts_.endpoints(); };
  opts.capabilities = parts_.catalog->names();
  opts.public_key = parts_.state.key->public_part().bytes();
  opts.sign = [key = parts_.state.key, rng = parts_.rng](
                std::string_view context, std::span<const uint8_t> message) {
    return key->sign(context, message, *rng);
  };
  opts.credential = [this] { return facts_.credential(); };
  opts.shelf = keys_;
  opts.admit = [this](const identity::public_key& key,
                      std::span<const uint8_t> credential) {
    return facts_.judge(key, credential);
  };
  opts.is_revoked = [this](const peer_id& id) { return facts_.is_revoked(id); };
  opts.revocations = [this] { return facts_.revocations(); };
  opts.revoke = [this](const identity::revocation& x) { return hear_of(x); };
  opts.validation_threshold = parts_.options.trust.validation_threshold;
  opts.gossip_interval = to_timespan(parts_.options.node.gossip_interval);
  using impl = membership::gossip_membership_actor::stateful_impl<
    membership::gossip_membership_state>;
  return system_.spawn<impl>(std::move(opts));
}

router_actor node::spawn_router() {
  auto opts = router::link_state_router_options{};
  opts.node = &context_;
  opts.forwarding.hash_key = {context_.fresh_seed(), context_.fresh_seed()};
  opts.spawn_relay = [this](const router::relay_request& request) {
    auto relay = link::relay_link_options{};
    relay.node = &context_;
    relay.router = request.router;
    relay.other = request.other;
    relay.seed = request.seed;
    // Few large packets, since one costs the nodes on the way about as much as
    // 20 kB do. The other half is for the packet's head and its route.
    relay.stream.datagram_max = std::min<size_t>(
      relay_datagram_max, parts_.options.limits.max_packet_size.bytes / 2);
    relay.wrap = [header = request.header](std::span<const uint8_t> datagram) {
      return router::encode(header, datagram);
    };
    using relay_impl = relay_actor::stateful_impl<link::relay_link_state>;
    return system_.spawn<relay_impl>(std::move(relay));
  };
  using impl = router::link_state_router_actor::stateful_impl<
    router::link_state_router_state>;
  return system_.spawn<impl>(std::move(opts));
}

discovery_actor node::spawn_discovery() {
  auto opts = discovery::bootstrap_discovery_options{};
  opts.node = &context_;
  opts.bootstrap = parts_.options.node.bootstrap;
  opts.bootstrap_only = parts_.options.node.dial != "members";
  opts.peers_max = parts_.options.limits.max_peers;
  const auto interval = parts_.options.node.discovery_interval;
  opts.interval = to_timespan(interval);
  opts.cache.rest_max = interval;
  opts.cache.rest_first = std::min(opts.cache.rest_first, interval);
  if (parts_.persistent)
    opts.cache_file = paths_.folder / "peers.txt";
  opts.claim_storage = [this, file = opts.cache_file](uint64_t bytes) {
    return claim_storage(file, bytes);
  };
  using impl = discovery::bootstrap_discovery_actor::stateful_impl<
    discovery::bootstrap_discovery_state>;
  return system_.spawn<impl>(std::move(opts));
}

spawner_actor node::spawn_spawner() {
  auto opts = spawner::catalog_spawner_options{};
  opts.node = &context_;
  opts.catalog = parts_.catalog.get();
  opts.admit = [this] { return parts_.resources->admit(); };
  for (const auto& rule : parts_.options.spawn_rules)
    opts.permissions.push_back({rule.from, rule.types, rule.quota});
  opts.groups = configured_.groups();
  opts.reserved_names = configured_.names();
  using impl = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
  return system_.spawn<impl>(std::move(opts));
}

resources::resource_monitor_actor node::spawn_monitor() {
  const auto& limits = parts_.options.limits;
  auto opts = resources::resource_monitor_options{};
  opts.node = &context_;
  opts.state = parts_.resources.get();
  opts.governor.cpu = limits.cpu;
  opts.governor.processors = std::max(1u, parts_.processors);
  opts.governor.memory = limits.memory.bytes;
  opts.governor.storage = limits.storage.bytes;
  opts.sample = parts_.sample;
  opts.trim = parts_.trim_memory;
  using impl = resources::resource_monitor_actor::stateful_impl<
    resources::resource_monitor_state>;
  return system_.spawn<impl>(std::move(opts));
}

zone::peer_keeper_actor node::spawn_peer_keeper() {
  using std::chrono::milliseconds;
  auto opts = zone::peer_keeper_options{};
  opts.node = &context_;
  opts.take_changes = [this] { return trust_.take_changes(); };
  opts.at_least = [this](trust_zone zone) { return trust_.at_least(zone); };
  opts.all = [this] { return trust_.all(); };
  opts.release = [this](const peer_id& id) { return trust_.release(id); };
  // A short quarantine is watched more closely.
  opts.interval
    = to_timespan(std::clamp(parts_.options.trust.quarantine_duration / 100,
                             milliseconds{50}, milliseconds{1'000}));
  using impl = zone::peer_keeper_actor::stateful_impl<zone::peer_keeper_state>;
  return system_.spawn<impl>(std::move(opts));
}

} // namespace starling::deploy
