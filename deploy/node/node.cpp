#include "deploy/node/node.hpp"

#include "actors/peer/credential.hpp"
#include "runtime/identity/join_token.hpp"

#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <utility>

namespace starling::deploy {

namespace {

/// Certificates of other nodes that are not verified again, each time one of
/// them comes with a session or by gossip: as many as a node has sessions.
constexpr size_t certificates_remembered = 1'024;

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

resources::resource_state::options
resource_limits(const config::node_options& opts) {
  return {.cpu = opts.limits.cpu,
          .memory = opts.limits.memory.bytes,
          .storage = opts.limits.storage.bytes};
}

node::node(caf::actor_system& system, node_parts parts)
  : system_{system},
    parts_{std::move(parts)},
    paths_{parts_.options},
    facts_{{parts_.options.security.allow.begin(),
            parts_.options.security.allow.end()},
           parts_.wall_clock},
    bandwidth_{{.rate = parts_.options.limits.bandwidth.bytes_per_second},
               system.clock().now()},
    trust_{parts_.options.trust, [&system] { return system.clock().now(); }},
    configured_{parts_.options, *parts_.catalog, context_} {
  if (!parts_.resources)
    parts_.resources = std::make_shared<resources::resource_state>(
      resource_limits(parts_.options));
  if (auto& cluster = parts_.state.cluster)
    cluster = cluster->made_ready(certificates_remembered);
  make_context();
  make_policy();
  make_session_context();
  fill_roles();
  configured_.spawn_groups();
  spawn_supervisor();
}

node::~node() = default;

void node::stop() {
  configured_.stop();
  // The supervisor ends its children in the reverse order of their start.
  if (keeper_)
    caf::anon_send_exit(keeper_, caf::exit_reason::user_shutdown);
  keeper_ = nullptr;
  if (supervisor_)
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  supervisor_ = nullptr;
  // Handles that are left here would keep actors alive.
  parts_.transports.clear();
  parts_.audit = nullptr;
  context_.audit
    = [](std::string, std::string, std::map<std::string, std::string>) {};
  context_.mesh.set({});
  context_.membership.set({});
  context_.router.set({});
  context_.spawner.set({});
}

// -- plain parts --------------------------------------------------------------

void node::make_context() {
  context_.system = &system_;
  context_.self = parts_.state.key->id();
  context_.name = parts_.options.node.name;
  context_.options = &parts_.options;
  context_.metrics = &metrics_;
  context_.wall_clock = parts_.wall_clock;
  context_.audit
    = [audit = parts_.audit](std::string kind, std::string subject,
                             std::map<std::string, std::string> details) {
        if (audit)
          caf::anon_send(audit, audit_event{std::move(kind), std::move(subject),
                                            std::move(details)});
      };
  context_.note_conduct
    = [this](const peer_id& id, conduct what) { trust_.note(id, what); };
  context_.standing_of = [this](const peer_id& id) { return trust_.of(id); };
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
    around.save_tokens
      = [this](const identity::token_book& book) -> result<void> {
      // What can't be kept over a restart must not admit anybody.
      if (auto room = claim_storage(paths_.tokens, book.encode().size()); !room)
        return room;
      return book.save(paths_.tokens);
    };
  policy_ = std::make_unique<peer::admission_policy>(std::move(opts),
                                                     std::move(around));
  if (parts_.state.cluster && parts_.state.own)
    policy_->join(*parts_.state.cluster, *parts_.state.own);
  else if (!parts_.options.security.join_token.empty())
    if (auto token
        = identity::parse_join_token(parts_.options.security.join_token))
      policy_->expect_cluster(token->cluster);
  policy_->tokens() = std::move(parts_.state.tokens);
  policy_->revocations() = std::move(parts_.state.revocations);
  for (const auto& record : policy_->revocations().all())
    facts_.add_revoked(record);
}

void node::make_session_context() {
  auto made = std::make_shared<session::session_context>();
  made->key = parts_.state.key.get();
  made->policy = policy_.get();
  made->options = session_options_of(parts_.options);
  made->rng = parts_.rng;
  made->keys = keys_;
  made->tls_key = session_context_ ? session_context_->tls_key
                                   : session::make_tls_key(*parts_.rng);
  auto shown = peer::credential{};
  if (parts_.state.cluster && parts_.state.own)
    shown = peer::member_credential{parts_.state.cluster->bytes(),
                                    identity::encode(*parts_.state.own)};
  else if (!parts_.options.security.join_token.empty())
    shown = peer::token_credential{parts_.options.security.join_token};
  made->credential = encode(shown);
  if (parts_.state.cluster)
    facts_.set_cluster(*parts_.state.cluster);
  if (std::holds_alternative<peer::member_credential>(shown))
    facts_.set_credential(made->credential);
  session_context_ = std::move(made);
}

void node::take_membership(const caf::byte_buffer& reply) {
  const auto bytes
    = std::span{reinterpret_cast<const uint8_t*>(reply.data()), reply.size()};
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
  auto checked
    = identity::check(*own, *cluster, context_.self, parts_.wall_clock(),
                      [](const peer_id&) { return false; });
  if (!checked) {
    context_.audit("membership.refused", to_string(context_.self),
                   {{"reason", checked.error().text}});
    return;
  }
  parts_.state.cluster = cluster->made_ready(certificates_remembered);
  parts_.state.own = *own;
  policy_->join(*parts_.state.cluster, *own);
  make_session_context();
  context_.audit("membership.issued", to_string(context_.self),
                 {{"issuer", to_string(checked->issuer)}});
  if (!parts_.persistent)
    return;
  auto saved
    = claim_storage(paths_.certificate,
                    cluster->bytes().size() + identity::encode(*own).size());
  if (saved)
    saved = save_membership(paths_, *cluster, *own);
  if (!saved)
    context_.audit("membership.not_saved", to_string(context_.self),
                   {{"reason", saved.error().text}});
}

result<void> node::claim_storage(const std::filesystem::path& file,
                                 uint64_t bytes) {
  return parts_.resources->claim_storage(bytes, file.string());
}

// -- orders -------------------------------------------------------------------

void node::run_on_event_loop(
  std::function<void(peer::admission_policy&)> task) {
  system_.middleman().backend().post(
    [this, task = std::move(task)] { task(*policy_); });
}

void node::revoke(identity::revocation record,
                  std::function<void(result<void>)> done) {
  run_on_event_loop([this, record = std::move(record), done = std::move(done)](
                      peer::admission_policy&) { done(apply(record)); });
}

result<bool> node::hear_of(const identity::revocation& record) {
  auto news = facts_.revoke(record);
  if (news && *news)
    revoke(record, [this, subject = record.subject](result<void> done) {
      if (!done)
        context_.audit("node.revocation_failed", to_string(subject),
                       {{"reason", done.error().text}});
    });
  return news;
}

result<void> node::apply(const identity::revocation& record) {
  if (!policy_->cluster())
    return failure{ec::wrong_state,
                   "this node belongs to no cluster, so it can't tell whose "
                   "revocations count"};
  auto added = policy_->revocations().add(record, *policy_->cluster());
  if (!added)
    return added.error();
  if (!*added)
    return {};
  facts_.add_revoked(record);
  context_.audit("node.revoked", to_string(record.subject),
                 {{"reason", record.reason}});
  caf::anon_send(context_.mesh(),
                 disconnect_peer{record.subject, "revoked: " + record.reason});
  if (!parts_.persistent)
    return {};
  // Whoever fills the disk must not be let in again by it: the list is written
  // whatever the limit says, and has bounds of its own.
  parts_.resources->add_storage(policy_->revocations().encode().size());
  return policy_->revocations().save(paths_.revocations);
}

} // namespace starling::deploy
