#include "actors/membership/gossip_membership.hpp"

#include "actors/membership/gossip_membership_buffers.hpp"
#include "runtime/outlive_refusals.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace starling::membership {

namespace {

using steady = std::chrono::steady_clock;

member_state state_from(liveness x) {
  switch (x) {
    case liveness::suspect:
      return member_state::suspect;
    case liveness::dead:
      return member_state::dead;
    default:
      return member_state::alive;
  }
}

uint64_t first_incarnation(const gossip_membership_options& opts) {
  if (opts.incarnation != 0)
    return opts.incarnation;
  const auto now = opts.node->wall_clock().time_since_epoch();
  return static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

} // namespace

gossip_membership_state::gossip_membership_state(
  gossip_membership_actor::pointer self, gossip_membership_options opts)
  : self_{self},
    opts_{std::move(opts)},
    random_{opts_.node->fresh_seed()},
    incarnation_{first_incarnation(opts_)},
    counters_{opts_.node->metrics},
    keys_{opts_.admit, opts_.keys_max, opts_.shelf},
    table_{opts_.table},
    gossip_{opts_.exchange},
    judgement_{opts_.node->self, opts_.judgement},
    swim_{opts_.node->self, incarnation_, opts_.probes,
          std::mt19937_64{opts_.node->fresh_seed()}, self->clock().now()} {
  if (opts_.caf_node.empty())
    opts_.caf_node = to_string(self_->system().node());
  // What was known before travels by comparison.
  if (const auto log = revocations())
    revocations_told_ = log->size();
}

gossip_membership_actor::behavior_type
gossip_membership_state::make_behavior() {
  outlive_refusals(*self_);
  self_->set_down_handler(
    [this](const caf::down_msg& down) { has_ended(down); });
  publish();
  find_mesh();
  tick();
  return {
    [this](const gossip_digest& msg) { return compare(msg); },
    [this](const gossip_records& msg) { return take(msg); },
    [this](const member_probe& msg) { take(msg); },
    [this](const list_members&) { return list(); },
    [this](const find_member& msg) { return find(msg); },
    [this](const find_member_by_node& msg) { return find(msg); },
    [this](const leave_cluster&) { return leave(); },
    [this](caf::subscribe_atom, const membership_listener_actor& listener) {
      return subscribe(listener);
    },
    [this](const peer_up& msg) { peer_is_up(msg); },
    [this](const peer_down& msg) { peer_is_down(msg); },
  };
}

// -- sessions -----------------------------------------------------------------

void gossip_membership_state::peer_is_up(const peer_up& msg) {
  // A peer could send such a message too.
  if (!is_from_mesh())
    return;
  const auto& id = msg.peer.id;
  if (msg.relayed) {
    peer_is_down({id, false, {}});
    return;
  }
  auto& near = neighbours_[id];
  near.node = msg.peer.node;
  for (const auto& service : msg.peer.services)
    if (service.name == "membership")
      near.service = caf::actor_cast<membership_actor>(service.actor);
  if (const auto* known = table_.find(id); known && !known->content.left)
    act_on(swim_.add(id, known->content.version.incarnation));
  schedule_probes();
  schedule_publish();
  exchange_with(id);
  refresh({});
}

void gossip_membership_state::peer_is_down(const peer_down& msg) {
  if (!is_from_mesh() || msg.relayed || neighbours_.erase(msg.id) == 0)
    return;
  swim_.remove(msg.id);
  schedule_publish();
  refresh({});
}

void gossip_membership_state::find_mesh() {
  const auto mesh = opts_.node->mesh();
  if (!mesh || mesh.address() == mesh_)
    return;
  mesh_ = mesh.address();
  self_->monitor(mesh);
  self_->send(mesh, caf::subscribe_atom_v,
              caf::actor_cast<mesh_listener_actor>(self_));
}

void gossip_membership_state::has_ended(const caf::down_msg& msg) {
  if (msg.source != mesh_) {
    std::erase_if(listeners_, [&](const auto& listener) {
      return listener.address() == msg.source;
    });
    return;
  }
  // Its sessions are gone with it; `tick` finds the next one.
  mesh_ = nullptr;
  for (const auto& [id, near] : neighbours_)
    swim_.remove(id);
  neighbours_.clear();
  schedule_publish();
  refresh({});
}

// -- judgement ----------------------------------------------------------------

void gossip_membership_state::take(const member_probe& msg) {
  const auto* from = sender();
  if (!from)
    return;
  const auto message = decode_swim_message(bytes_of(msg.data));
  if (!message) {
    opts_.node->note_conduct(*from, conduct::violation);
    refuse(*from, message.error().text);
    return;
  }
  const auto id = *from;
  const auto now = self_->clock().now();
  if (message->what == swim_message::kind::ack
      && neighbours_.at(id).gauge.answered(message->sequence, now))
    opts_.node->note_conduct(id, conduct::answered);
  act_on(swim_.receive(id, *message, now));
  schedule_probes();
}

void gossip_membership_state::act_on(swim::step step) {
  const auto now = self_->clock().now();
  for (const auto& [to, message] : step.messages) {
    auto near = neighbours_.find(to);
    if (near == neighbours_.end() || !near->second.service)
      continue;
    if (message.what == swim_message::kind::ping
        && near->second.gauge.sent(message.sequence, now))
      opts_.node->note_conduct(to, conduct::unanswered);
    self_->send(near->second.service, member_probe{buffer_of(encode(message))});
  }
  if (step.own_incarnation) {
    incarnation_ = std::max(incarnation_, *step.own_incarnation);
    schedule_publish();
  }
  if (step.changes.empty())
    return;
  schedule_publish();
  refresh({});
}

void gossip_membership_state::refresh(std::set<peer_id> touched) {
  const auto changed
    = judgement_.update(table_, probed(), self_->clock().now());
  touched.insert(changed.begin(), changed.end());
  for (const auto& id : touched)
    if (const auto* record = table_.find(id))
      tell_all(info_of(*record));
}

reachability::neighbour_map gossip_membership_state::probed() const {
  auto result = reachability::neighbour_map{};
  for (const auto& [id, near] : neighbours_)
    result.emplace(id, swim_.state_of(id));
  return result;
}

void gossip_membership_state::tell_all(const member_info& member) {
  for (const auto& listener : listeners_)
    self_->send(listener, member_change{member});
}

member_info gossip_membership_state::info_of(const signed_record& x) const {
  auto result = member_info{};
  result.id = x.content.id;
  result.name = x.content.name;
  if (caf::node_id::can_parse(x.content.caf_node))
    static_cast<void>(caf::parse(x.content.caf_node, result.node));
  result.endpoints = x.content.endpoints;
  result.capabilities = x.content.capabilities;
  for (const auto& near : x.content.neighbours)
    result.neighbours.push_back(
      {near.id, near.latency_us, static_cast<double>(near.reliability)});
  result.state = x.content.left ? member_state::left
                                : state_from(judgement_.state_of(result.id));
  result.incarnation = x.content.version.incarnation;
  return result;
}

// -- queries ------------------------------------------------------------------

std::vector<member_info> gossip_membership_state::list() const {
  auto result = std::vector<member_info>{};
  for (const auto& [id, record] : table_.records())
    result.push_back(info_of(record));
  return result;
}

caf::result<member_info>
gossip_membership_state::find(const find_member& msg) const {
  if (const auto* record = table_.find(msg.id))
    return info_of(*record);
  return caf::make_error(ec::unknown_peer,
                         "no member " + to_string(msg.id) + " is known");
}

caf::result<member_info>
gossip_membership_state::find(const find_member_by_node& msg) const {
  const auto text = to_string(msg.node);
  for (const auto& [id, record] : table_.records())
    if (record.content.caf_node == text)
      return info_of(record);
  return caf::make_error(ec::unknown_peer, "no member has CAF node " + text);
}

caf::result<void>
gossip_membership_state::subscribe(const membership_listener_actor& listener) {
  if (!is_local())
    return caf::make_error(ec::permission_denied,
                           "only actors of this node may subscribe");
  if (listeners_.size() >= opts_.listeners_max)
    return caf::make_error(ec::limit_reached,
                           "membership has as many listeners as it takes");
  self_->monitor(listener);
  listeners_.push_back(listener);
  for (const auto& [id, record] : table_.records())
    self_->send(listener, member_change{info_of(record)});
  return caf::unit;
}

// -- timers -------------------------------------------------------------------

void gossip_membership_state::tick() {
  find_mesh();
  for (const auto& id : table_.expire(wall_time()))
    keys_.erase(id);
  forget_revoked();
  push_revocations();
  if (!publish_is_due_ && !has_left_ && needs_publishing())
    publish();
  refresh({});
  if (!neighbours_.empty())
    exchange_with(
      std::next(neighbours_.begin(),
                static_cast<std::ptrdiff_t>(random_() % neighbours_.size()))
        ->first);
  // A fifth of jitter, so that nodes started together do not stay in step.
  const auto share = static_cast<double>(random_() % 1'000) / 2'500.0 + 0.8;
  self_->run_delayed(
    std::chrono::duration_cast<caf::timespan>(opts_.gossip_interval * share),
    [this] { tick(); });
}

void gossip_membership_state::probe_neighbours() {
  probes_at_.reset();
  act_on(swim_.tick(self_->clock().now()));
  schedule_probes();
}

void gossip_membership_state::schedule_probes() {
  if (neighbours_.empty())
    return;
  const auto due = swim_.next_deadline();
  if (probes_at_ && *probes_at_ <= due)
    return;
  probes_at_ = due;
  const auto now = self_->clock().now();
  self_->run_delayed(
    std::max(due - now, steady::duration{std::chrono::milliseconds{1}}),
    [this, due] {
      // An earlier call was scheduled since, and has done it.
      if (probes_at_ == due)
        probe_neighbours();
    });
}

void gossip_membership_state::schedule_publish() {
  if (has_left_ || std::exchange(publish_is_due_, true))
    return;
  self_->run_delayed(opts_.publish_delay, [this] {
    if (!has_left_)
      publish();
  });
}

void gossip_membership_state::schedule_push() {
  if (neighbours_.empty() || std::exchange(push_is_due_, true))
    return;
  self_->run_delayed(opts_.push_delay, [this] { push(); });
}

// -- others -------------------------------------------------------------------

const peer_id* gossip_membership_state::sender() const {
  const auto& from = self_->current_sender();
  if (!from)
    return nullptr;
  for (const auto& [id, near] : neighbours_)
    if (near.service && near.service.address() == from)
      return &id;
  // It was restarted, and its node has not said so yet.
  if (from->node() != self_->system().node())
    for (const auto& [id, near] : neighbours_)
      if (near.node == from->node())
        return &id;
  return nullptr;
}

bool gossip_membership_state::is_local() const {
  const auto& from = self_->current_sender();
  return !from || from->node() == self_->system().node();
}

bool gossip_membership_state::is_from_mesh() const {
  return mesh_ && self_->current_sender() == mesh_;
}

clock::physical_time gossip_membership_state::wall_time() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(
    opts_.node->wall_clock());
}

} // namespace starling::membership
