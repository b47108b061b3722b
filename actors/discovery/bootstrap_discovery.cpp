#include "actors/discovery/bootstrap_discovery.hpp"

#include "runtime/file_io.hpp"
#include "runtime/outlive_refusals.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace starling::discovery {

namespace {

/// Shortest time between two looks at all that is wanted.
constexpr auto plan_delay = std::chrono::milliseconds{1};

constexpr size_t cache_bytes_max = 4u << 20;

std::string place_of(config::endpoint where) {
  where.peer.reset();
  return to_string(where);
}

} // namespace

bootstrap_discovery_state::bootstrap_discovery_state(
  bootstrap_discovery_actor::pointer self, bootstrap_discovery_options opts)
  : self_{self},
    opts_{std::move(opts)},
    random_{opts_.node->fresh_seed()},
    cache_{opts_.cache} {
  load();
  for (const auto& where : opts_.bootstrap) {
    bootstrap_.emplace(place_of(where), where.peer);
    add(where, "bootstrap");
  }
}

bootstrap_discovery_actor::behavior_type
bootstrap_discovery_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { has_ended(down); });
  find_services();
  plan();
  return {
    [this](const announce_endpoint& msg) { return announce(msg); },
    [this](const list_endpoints&) { return list(); },
    [this](const peer_up& msg) { peer_is_up(msg); },
    [this](const peer_down& msg) { peer_is_down(msg); },
    [this](const member_change& msg) { member_has_changed(msg); },
  };
}

// -- messages -----------------------------------------------------------------

caf::result<void>
bootstrap_discovery_state::announce(const announce_endpoint& msg) {
  if (auto from = self_->current_sender();
      from && from->node() != self_->system().node())
    return caf::make_error(ec::permission_denied,
                           "only actors of this node announce endpoints");
  auto added = cache_.add(msg.endpoint, msg.source, wall_time());
  if (!added)
    return caf::make_error(added.error().code, added.error().text);
  auto where = config::parse_endpoint(msg.endpoint);
  if (*added && where && where->peer)
    members_.try_emplace(*where->peer, wall_time());
  save_later();
  plan();
  return caf::unit;
}

std::vector<known_endpoint> bootstrap_discovery_state::list() const {
  auto result = std::vector<known_endpoint>{};
  for (const auto& x : wanted())
    result.push_back(
      {to_string(x.where), x.source, x.failures, is_connected(x.where)});
  return result;
}

void bootstrap_discovery_state::peer_is_up(const peer_up& msg) {
  if (self_->current_sender() != mesh_)
    return;
  if (msg.relayed)
    connected_.erase(msg.peer.id);
  else
    connected_.insert(msg.peer.id);
  plan();
}

void bootstrap_discovery_state::peer_is_down(const peer_down& msg) {
  if (self_->current_sender() != mesh_ || msg.relayed)
    return;
  connected_.erase(msg.id);
  // It worked a moment ago, so the first attempt comes at once.
  plan();
}

void bootstrap_discovery_state::member_has_changed(const member_change& msg) {
  if (self_->current_sender() != membership_)
    return;
  const auto& member = msg.member;
  if (member.id == opts_.node->self)
    return;
  if (member.state == member_state::left) {
    members_.erase(member.id);
    return;
  }
  const auto now = wall_time();
  for (const auto& text : member.endpoints)
    if (auto where = config::parse_endpoint(text)) {
      where->peer = member.id;
      add(*where, "gossip");
    }
  const auto wait
    = opts_.node->self < member.id ? caf::timespan::zero() : opts_.courtesy;
  members_.try_emplace(
    member.id,
    now + std::chrono::duration_cast<std::chrono::milliseconds>(wait));
  if (!connected_.contains(member.id))
    plan();
}

void bootstrap_discovery_state::has_ended(const caf::down_msg& msg) {
  if (msg.source == mesh_) {
    mesh_ = nullptr;
    connected_.clear();
    dialling_.clear();
  } else if (msg.source == membership_) {
    membership_ = nullptr;
  }
  plan_at(wall_time() + std::chrono::milliseconds{100});
}

// -- what to dial -------------------------------------------------------------

void bootstrap_discovery_state::find_services() {
  if (const auto mesh = opts_.node->mesh(); mesh && mesh.address() != mesh_) {
    mesh_ = mesh.address();
    self_->monitor(mesh);
    self_->send(mesh, caf::subscribe_atom_v,
                caf::actor_cast<mesh_listener_actor>(self_));
  }
  const auto membership = opts_.node->membership();
  if (!membership || membership.address() == membership_)
    return;
  membership_ = membership.address();
  self_->monitor(membership);
  self_->send(membership, caf::subscribe_atom_v,
              caf::actor_cast<membership_listener_actor>(self_));
}

std::vector<candidate> bootstrap_discovery_state::wanted() const {
  auto result = std::vector<candidate>{};
  // The cache holds what succeeded under the id of the peer.
  for (const auto& [place, owner] : bootstrap_) {
    auto where = *config::parse_endpoint(place);
    auto found = cache_.find(where);
    where.peer = owner;
    if (auto named = owner ? cache_.find(where) : std::nullopt)
      found = named;
    if (found)
      result.push_back(std::move(*found));
  }
  if (opts_.bootstrap_only)
    return result;
  for (const auto& [id, not_before] : members_) {
    auto all = criteria{};
    all.peer = id;
    for (auto& x : cache_.due(all, time_point::max())) {
      x.due = std::max(x.due, not_before);
      if (!bootstrap_.contains(place_of(x.where)))
        result.push_back(std::move(x));
    }
  }
  return result;
}

void bootstrap_discovery_state::plan() {
  find_services();
  const auto now = wall_time();
  // What the operator names is never forgotten.
  if (cache_.expire(now) > 0)
    for (const auto& where : opts_.bootstrap)
      add(where, "bootstrap");
  auto next
    = now
      + std::chrono::duration_cast<std::chrono::milliseconds>(opts_.interval);
  // Without a mesh there is nobody to dial; it may come back soon.
  if (!mesh_)
    next = std::min(next, now + std::chrono::milliseconds{1'000});
  for (const auto& target : wanted()) {
    const auto place = place_of(target.where);
    const auto must = bootstrap_.contains(place);
    if (!mesh_ || dialling_.contains(place) || is_connected(target.where)
        || target.where.peer == opts_.node->self
        || (!must && connected_.size() + dialling_.size() >= opts_.peers_max))
      continue;
    if (target.due > now)
      next = std::min(next, target.due);
    // The end of an attempt makes a new plan.
    else if (dialling_.size() < opts_.dials_max)
      dial(target);
  }
  plan_at(std::max(next, now + plan_delay));
}

void bootstrap_discovery_state::plan_at(time_point when) {
  if (planned_ && *planned_ <= when)
    return;
  planned_ = when;
  self_->run_delayed(when - wall_time(), [this, when] {
    // An earlier call may have taken its place.
    if (planned_ != when)
      return;
    planned_.reset();
    plan();
  });
}

void bootstrap_discovery_state::dial(const candidate& target) {
  const auto place = place_of(target.where);
  dialling_.insert(place);
  auto request = connect_address{place, {}};
  if (target.where.peer)
    request.expected.push_back(*target.where.peer);
  self_->request(opts_.node->mesh(), opts_.dial_timeout, std::move(request))
    .then(
      [this, place, where = target.where](const peer_services& peer) {
        dialling_.erase(place);
        cache_.succeeded(where, peer.id, wall_time());
        if (auto named = bootstrap_.find(place); named != bootstrap_.end())
          named->second = peer.id;
        connected_.insert(peer.id);
        save_later();
        plan();
      },
      [this, place, where = target.where](const caf::error& reason) {
        dialling_.erase(place);
        cache_.failed(where, wall_time(), random_);
        // A node that came back with another identity is found again.
        if (auto named = bootstrap_.find(place);
            named != bootstrap_.end() && where.peer)
          for (const auto& told : opts_.bootstrap)
            if (place_of(told) == place && !told.peer
                && reason == ec::authentication_failed) {
              named->second.reset();
              add(told, "bootstrap");
            }
        plan();
      });
}

bool bootstrap_discovery_state::is_connected(
  const config::endpoint& where) const {
  const auto owner = owner_of(where);
  return owner && (connected_.contains(*owner) || *owner == opts_.node->self);
}

std::optional<peer_id>
bootstrap_discovery_state::owner_of(const config::endpoint& where) const {
  if (where.peer)
    return where.peer;
  const auto named = bootstrap_.find(place_of(where));
  return named == bootstrap_.end() ? std::nullopt : named->second;
}

// -- the cache ----------------------------------------------------------------

void bootstrap_discovery_state::add(const config::endpoint& where,
                                    const char* source) {
  // A full cache keeps what has worked; that is reason enough not to take it.
  if (auto added = cache_.add(to_string(where), source, wall_time());
      added && *added)
    save_later();
}

void bootstrap_discovery_state::load() {
  if (opts_.cache_file.empty() || !std::filesystem::exists(opts_.cache_file))
    return;
  auto text = read_text_file(opts_.cache_file, cache_bytes_max);
  auto loaded = text ? peer_cache::decode(*text, opts_.cache)
                     : result<peer_cache>{text.error()};
  if (!loaded) {
    opts_.node->audit("discovery.cache_refused", opts_.cache_file.string(),
                      {{"reason", loaded.error().text}});
    return;
  }
  cache_ = std::move(*loaded);
  // Who answered before may know the others now, whatever became of the
  // endpoints that the operator names.
  auto all = criteria{};
  all.count_max = opts_.cache.entries_max;
  for (const auto& x : cache_.due(all, time_point::max()))
    if (x.where.peer && x.succeeded)
      members_.try_emplace(*x.where.peer, wall_time());
}

void bootstrap_discovery_state::save_later() {
  if (opts_.cache_file.empty() || std::exchange(save_is_due_, true))
    return;
  self_->run_delayed(opts_.save_interval, [this] { save(); });
}

void bootstrap_discovery_state::save() {
  save_is_due_ = false;
  const auto content = cache_.encode();
  auto saved = opts_.claim_storage ? opts_.claim_storage(content.size())
                                   : result<void>{};
  if (saved)
    saved = write_file_atomically(opts_.cache_file, content, private_file_mode);
  if (!saved)
    opts_.node->audit("discovery.cache_not_saved", opts_.cache_file.string(),
                      {{"reason", saved.error().text}});
}

time_point bootstrap_discovery_state::wall_time() const {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(
    opts_.node->wall_clock());
}

} // namespace starling::discovery
