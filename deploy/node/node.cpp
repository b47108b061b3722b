#include "deploy/node/node.hpp"

#include "actors/mesh/session_mesh.hpp"
#include "actors/peer/credential.hpp"
#include "actors/peer/session_peer.hpp"
#include "actors/spawner/catalog_spawner.hpp"
#include "runtime/basp/mesh_middleman.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <utility>

namespace starling::deploy {

namespace {

uint16_t group_code(const std::string& name) {
  return name == "SECP384R1_ML_KEM_1024" ? session::secp384r1_ml_kem_1024
                                         : session::x25519_ml_kem_768;
}

session::session_options session_options_of(const config::node_options& opts) {
  auto result = session::session_options{};
  result.handshake_timeout = opts.node.connection_timeout;
  result.rotate_interval = opts.security.rotate_interval;
  result.rotate_bytes = opts.security.rotate_bytes.bytes;
  result.kem_interval = opts.security.kem_interval;
  result.groups.clear();
  for (const auto& name : opts.session.groups)
    result.groups.push_back(group_code(name));
  return result;
}

} // namespace

node::node(caf::actor_system& system, node_parts parts)
  : system_{system},
    parts_{std::move(parts)},
    paths_{parts_.options} {
  make_context();
  make_policy();
  make_session_context();
  spawn_mesh();
  spawn_services();
}

node::~node() {
  stop();
}

void node::stop() {
  // Last in, first out: those that others stand on end last.
  while (!owned_.empty()) {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(owned_.back()),
                        caf::exit_reason::user_shutdown);
    owned_.pop_back();
  }
}

// -- plain parts --------------------------------------------------------------

void node::make_context() {
  context_.system = &system_;
  context_.self = parts_.state.key->id();
  context_.name = parts_.options.node.name;
  context_.options = &parts_.options;
  context_.metrics = &metrics_;
  context_.wall_clock = parts_.wall_clock;
  context_.audit = [audit = parts_.audit](
                     std::string kind, std::string subject,
                     std::map<std::string, std::string> details) {
    if (audit)
      caf::anon_send(audit, audit_event{std::move(kind), std::move(subject),
                                        std::move(details)});
  };
  context_.fresh_seed = [rng = parts_.rng] {
    auto result = uint64_t{0};
    rng->randomize(reinterpret_cast<uint8_t*>(&result), sizeof(result));
    return result;
  };
}

void node::make_policy() {
  auto opts = peer::admission_policy::options{};
  opts.allow.insert(parts_.options.security.allow.begin(),
                    parts_.options.security.allow.end());
  opts.max_failed_attempts = parts_.options.trust.max_failed_attempts;
  opts.quarantine_duration = parts_.options.trust.quarantine_duration;
  auto around = peer::admission_policy::surroundings{};
  around.key = parts_.state.key.get();
  around.rng = parts_.rng.get();
  around.now = parts_.wall_clock;
  if (parts_.persistent)
    around.save_tokens = [path = paths_.tokens](
                           const identity::token_book& book) {
      return book.save(path);
    };
  policy_ = std::make_unique<peer::admission_policy>(std::move(opts),
                                                     std::move(around));
  if (parts_.state.cluster && parts_.state.own)
    policy_->join(*parts_.state.cluster, *parts_.state.own);
  policy_->tokens() = std::move(parts_.state.tokens);
  policy_->revocations() = std::move(parts_.state.revocations);
}

void node::make_session_context() {
  auto made = std::make_shared<session::session_context>();
  made->key = parts_.state.key.get();
  made->policy = policy_.get();
  made->options = session_options_of(parts_.options);
  made->rng = parts_.rng;
  made->tls_key = session_context_ ? session_context_->tls_key
                                   : session::make_tls_key(*parts_.rng);
  auto shown = peer::credential{};
  if (parts_.state.cluster && parts_.state.own)
    shown = peer::member_credential{parts_.state.cluster->bytes(),
                                    identity::encode(*parts_.state.own)};
  else if (!parts_.options.security.join_token.empty())
    shown = peer::token_credential{parts_.options.security.join_token};
  made->credential = encode(shown);
  session_context_ = std::move(made);
}

void node::take_membership(const caf::byte_buffer& reply) {
  const auto bytes = std::span{
    reinterpret_cast<const uint8_t*>(reply.data()), reply.size()};
  auto answer = peer::decode_credential(bytes);
  if (!answer)
    return;
  const auto* issued = std::get_if<peer::member_credential>(&*answer);
  if (!issued)
    return;
  auto cluster = identity::public_key::parse(issued->cluster_key);
  auto own = identity::decode_membership(issued->membership);
  if (!cluster || !own)
    return;
  auto checked = identity::check(*own, *cluster, context_.self,
                                 parts_.wall_clock(),
                                 [](const peer_id&) { return false; });
  if (!checked) {
    context_.audit("membership.refused", to_string(context_.self),
                   {{"reason", checked.error().text}});
    return;
  }
  parts_.state.cluster = *cluster;
  parts_.state.own = *own;
  policy_->join(*cluster, *own);
  make_session_context();
  context_.audit("membership.issued", to_string(context_.self),
                 {{"issuer", to_string(checked->issuer)}});
  if (parts_.persistent)
    if (auto saved = save_membership(paths_, *cluster, *own); !saved)
      context_.audit("membership.not_saved", to_string(context_.self),
                     {{"reason", saved.error().text}});
}

// -- actors -------------------------------------------------------------------

void node::spawn_mesh() {
  auto opts = mesh::session_mesh_options{};
  opts.node = &context_;
  opts.bridge = basp::bridge_of(system_);
  opts.transports = parts_.transports;
  for (const auto& endpoint : parts_.options.node.listen)
    opts.listen.push_back(to_string(endpoint));
  opts.spawn_peer = [this](const mesh::peer_request& request) {
    auto peer = peer::session_peer_options{};
    peer.session = request.session;
    peer.side = request.dialled ? session::role::initiator
                                : session::role::responder;
    peer.link = request.link;
    peer.address = request.address;
    peer.relayed = request.relayed;
    peer.context = session_context_;
    peer.expected = request.expected;
    peer.owner = request.owner;
    peer.bridge = basp::bridge_of(system_);
    peer.packets = request.packets;
    peer.name = context_.name;
    peer.endpoints = request.endpoints;
    peer.services = request.services;
    peer.heartbeat_interval = parts_.options.node.heartbeat_interval;
    auto cfg = caf::actor_config{&system_.middleman().backend()};
    return caf::actor_cast<peer_actor>(
      system_.spawn_impl<peer::session_peer, caf::no_spawn_options>(
        cfg, std::move(peer)));
  };
  opts.is_blocked = [this](const peer_id& id) -> std::optional<std::string> {
    if (policy_->revocations().contains(id))
      return "node " + short_name(id) + " is revoked";
    return std::nullopt;
  };
  opts.block = [this](const peer_id& id, std::string reason) {
    policy_->block(id, std::move(reason));
  };
  opts.unblock = [this](const peer_id& id) { policy_->unblock(id); };
  opts.joined
    = [this](const caf::byte_buffer& reply) { take_membership(reply); };
  opts.limits.peers_max = parts_.options.limits.max_peers;
  opts.connection_timeout = parts_.options.node.connection_timeout;
  auto cfg = caf::actor_config{&system_.middleman().backend()};
  auto mesh = system_.spawn_impl<mesh::session_mesh, caf::no_spawn_options>(
    cfg, std::move(opts));
  context_.mesh.set(caf::actor_cast<mesh_actor>(mesh));
  owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(mesh));
}

void node::spawn_services() {
  auto opts = spawner::catalog_spawner_options{};
  opts.node = &context_;
  opts.catalog = parts_.catalog.get();
  for (const auto& rule : parts_.options.spawn_rules)
    opts.permissions.push_back({rule.from, rule.types, rule.quota});
  using spawner_impl
    = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
  auto spawner = system_.spawn<spawner_impl>(std::move(opts));
  context_.spawner.set(spawner);
  owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(spawner));
}

std::vector<named_service> node::services() const {
  return {
    {"spawner", caf::actor_cast<caf::strong_actor_ptr>(context_.spawner())},
  };
}

void node::start(
  std::function<void(caf::expected<std::vector<std::string>>)> done) {
  auto starter = [mesh = context_.mesh(), offered = services(),
                  done = std::move(done)](caf::event_based_actor* self) {
    self->request(mesh, caf::infinite, start_mesh{offered})
      .then([done](mesh_addresses& found) { done(std::move(found.addresses)); },
            [done](caf::error& reason) { done(std::move(reason)); });
  };
  system_.spawn(std::move(starter));
}

} // namespace starling::deploy
