#include "actors/experiment/troupe_orchestrator.hpp"

#include "actors/experiment/table_source.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <utility>

namespace starling::experiment {

namespace {

/// Whether asking another node, or another actor, may help: what the receiver
/// itself refused, it will refuse again.
bool is_loss(const caf::error& reason) {
  if (reason.category() != caf::type_id_v<ec>)
    return true;
  return reason == ec::unreachable || reason == ec::connection_closed
         || reason == ec::timed_out || reason == ec::quarantined;
}

} // namespace

troupe::troupe(orchestrator_actor::pointer self, troupe_options opts,
               troupe_events events)
  : self_{self},
    opts_{std::move(opts)},
    events_{std::move(events)},
    places_{opts_.nodes.size(), opts_.entities.size()} {
  for (auto& node : opts_.nodes)
    nodes_.emplace_back().node = std::move(node);
  for (size_t i = 0; i < opts_.entities.size(); ++i) {
    entities_.emplace_back().name = opts_.entities[i];
    by_name_.emplace(opts_.entities[i], i);
  }
}

void troupe::begin() {
  for (size_t i = 0; i < nodes_.size(); ++i)
    watch_spawner(i);
  step();
}

void troupe::watch_spawner(size_t node) {
  const auto& spawner = nodes_[node].node.spawner;
  if (!roles_.contains(spawner.address()))
    self_->monitor(spawner);
  roles_.emplace(spawner.address(), role{part::spawner, node});
}

void troupe::stop() {
  stopped_ = true;
  for (auto& entity : entities_) {
    dismiss(entity.agent);
    dismiss(entity.detector);
    dismiss(entity.source);
  }
  for (auto& node : nodes_) {
    dismiss(node.keeper);
    dismiss(node.tree);
  }
}

// -- what to do next ----------------------------------------------------------

void troupe::step() {
  if (stopped_ || failed_ || !asked_.empty())
    return;
  if (!places_.any_alive()) {
    fail(caf::make_error(ec::unreachable,
                         "experiment: no node is left to run on"));
    return;
  }
  if (describe_entities() || describe_nodes() || spawn_services()
      || spawn_players() || wire_services() || wire_players())
    return;
  start_streams();
}

bool troupe::describe_entities() {
  using impl = labelled_source_actor::stateful_impl<table_source_state>;
  for (auto& entity : entities_) {
    if (entity.what)
      continue;
    auto opts = table_source_options{};
    opts.folder = opts_.data;
    opts.entity = entity.name;
    opts.rows_max = opts_.experiment.rows_max;
    opts.poison = opts_.experiment.poison;
    opts.inject = opts_.experiment.inject;
    entity.source = self_->system().spawn<impl>(std::move(opts));
    ask<behaviour_description>(
      entity.source, describe_behaviour{},
      [&entity](behaviour_description& what) { entity.what = std::move(what); },
      [this](caf::error& reason) { fail(std::move(reason)); });
  }
  return !asked_.empty() || failed_;
}

bool troupe::describe_nodes() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    auto& slot = nodes_[i];
    if (!places_.alive(i) || slot.types)
      continue;
    ask<std::vector<actor_type_info>>(
      slot.node.spawner, list_actor_types{},
      [&slot](std::vector<actor_type_info>& found) {
        auto& types = slot.types.emplace();
        for (auto& type : found)
          if (type.origin != "bundled")
            types.insert(std::move(type.name));
      },
      [this, i](caf::error& reason) { lose_or_fail(i, std::move(reason)); });
  }
  return !asked_.empty() || failed_;
}

bool troupe::spawn_services() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!places_.alive(i))
      continue;
    auto& slot = nodes_[i];
    if (!slot.keeper)
      spawn(i, "zone-keeper", "keeper", keeper_settings(), {part::keeper, i},
            slot.keeper);
    if (!slot.tree && opts_.experiment.summary_tree.enabled)
      spawn(i, "summary-tree", "tree", tree_settings(), {part::tree, i},
            slot.tree);
  }
  return !asked_.empty() || failed_;
}

bool troupe::spawn_players() {
  for (size_t i = 0; i < entities_.size(); ++i) {
    auto& slot = entities_[i];
    if (!slot.agent)
      spawn(places_.agent_node(i), "replay-agent", slot.name + "/agent",
            agent_settings(), {part::agent, i}, slot.agent);
    if (!slot.detector)
      spawn(places_.detector_node(i), detector_type(i), slot.name + "/detector",
            detector_settings(i), {part::detector, i}, slot.detector);
  }
  return !asked_.empty() || failed_;
}

bool troupe::wire_services() {
  if (std::exchange(services_wired_, true))
    return false;
  ++trees_told_;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!places_.alive(i))
      continue;
    auto& slot = nodes_[i];
    if (slot.tree)
      wire(slot.tree, tree_list(i));
    if (std::exchange(slot.keeper_wired, true))
      continue;
    slot.horizon = 0;
    wire(slot.keeper, watch_list(i));
    // Who has nobody to judge disturbs no agent.
    if (places_.watches(i))
      players_wired_ = false;
  }
  return !asked_.empty() || failed_;
}

bool troupe::wire_players() {
  if (std::exchange(players_wired_, true))
    return false;
  const auto me = caf::actor_cast<zone_listener_actor>(self_->ctrl());
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.alive(i))
      self_->send(nodes_[i].keeper, caf::subscribe_atom_v, me);
  for (size_t i = 0; i < entities_.size(); ++i) {
    auto& slot = entities_[i];
    wire(slot.agent, ring_of(i));
    if (slot.streaming)
      continue;
    const auto& watcher = nodes_[places_.detector_node(i)];
    auto start = detector_start{};
    start.subject = slot.name;
    start.owner = caf::actor_cast<caf::strong_actor_ptr>(self_);
    start.listeners = {caf::actor_cast<score_listener_actor>(watcher.keeper),
                       caf::actor_cast<score_listener_actor>(self_->ctrl())};
    if (watcher.tree)
      start.listeners.push_back(
        caf::actor_cast<score_listener_actor>(watcher.tree));
    wire(slot.detector, std::move(start));
  }
  return !asked_.empty() || failed_;
}

void troupe::start_streams() {
  for (auto& slot : entities_) {
    if (std::exchange(slot.streaming, true))
      continue;
    ++slot.attempt;
    self_->send(
      slot.agent,
      agent_stream{caf::actor_cast<behaviour_source_actor>(slot.source),
                   slot.detector, slot.work_rows, slot.attempt});
  }
  events_.streaming();
}

// -- asking -------------------------------------------------------------------

std::shared_ptr<troupe> troupe::answered(const std::weak_ptr<troupe>& weak,
                                         uint64_t number) {
  auto alive = weak.lock();
  if (!alive || alive->asked_.erase(number) == 0)
    return nullptr;
  return alive->stopped_ ? nullptr : alive;
}

void troupe::forget_asked(const caf::actor_addr& receiver) {
  std::erase_if(asked_, [&](const auto& x) { return x.second == receiver; });
}

template <class Result, class Handle, class Content>
void troupe::ask(const Handle& receiver, Content content,
                 std::function<void(Result&)> on_value,
                 std::function<void(caf::error&)> on_error) {
  const auto number = ++asks_;
  asked_.emplace(number, receiver.address());
  // Answers may come after the experiment has ended.
  self_->request(receiver, opts_.request_timeout, std::move(content))
    .then(
      [weak = weak_from_this(), number, on_value](Result& value) {
        if (auto alive = answered(weak, number)) {
          on_value(value);
          alive->step();
        }
      },
      [weak = weak_from_this(), number, on_error](caf::error& reason) {
        if (auto alive = answered(weak, number)) {
          on_error(reason);
          alive->step();
        }
      });
}

template <class Handle, class Content>
void troupe::wire(const Handle& receiver, Content content) {
  const auto number = ++asks_;
  asked_.emplace(number, receiver.address());
  self_->request(receiver, opts_.request_timeout, std::move(content))
    .then(
      [weak = weak_from_this(), number] {
        if (auto alive = answered(weak, number))
          alive->step();
      },
      [weak = weak_from_this(), number,
       address = receiver.address()](caf::error& reason) {
        auto alive = answered(weak, number);
        if (!alive)
          return;
        if (is_loss(reason))
          alive->note_down(address, reason);
        else
          alive->fail(std::move(reason));
        alive->step();
      });
}

template <class Handle>
void troupe::spawn(size_t node, std::string type, std::string name,
                   caf::settings options, role what, Handle& target) {
  auto request = spawn_request{};
  request.type = std::move(type);
  request.name = fmt::format("experiment-{}/{}/{}.{}", self_->id(),
                             nodes_[node].node.name, name, ++spawned_);
  request.options = std::move(options);
  request.interface = self_->system().message_types<Handle>();
  ask<caf::strong_actor_ptr>(
    nodes_[node].node.spawner, std::move(request),
    [this, what, &target](caf::strong_actor_ptr& spawned) {
      target = caf::actor_cast<Handle>(std::move(spawned));
      roles_.emplace(target.address(), what);
      self_->monitor(target);
    },
    [this, node](caf::error& reason) {
      lose_or_fail(node, std::move(reason));
    });
}

void troupe::lose_or_fail(size_t node, caf::error reason) {
  auto& slot = nodes_[node];
  if (is_loss(reason)) {
    lose_node(node, reason);
  } else if (slot.joined > 0) {
    // It was nobody's choice, so it must not end the experiment.
    slot.wanted = false;
    lose_node(node, reason);
  } else {
    fail(std::move(reason));
  }
}

} // namespace starling::experiment
