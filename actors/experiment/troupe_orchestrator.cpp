#include "actors/experiment/troupe_orchestrator.hpp"

#include "actors/experiment/table_source.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
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

/// The catalog's type for all bundled scorers.
constexpr auto bundled_detector = "detector";

caf::config_value::list list_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

} // namespace

troupe::troupe(orchestrator_actor::pointer self, troupe_options opts,
               troupe_events events)
  : self_{self},
    opts_{std::move(opts)},
    events_{std::move(events)},
    places_{opts_.nodes.size(), opts_.entities.size()} {
  for (auto& node : opts_.nodes)
    nodes_.push_back({std::move(node), {}, {}, 0, {}});
  for (size_t i = 0; i < opts_.entities.size(); ++i) {
    entities_.emplace_back().name = opts_.entities[i];
    by_name_.emplace(opts_.entities[i], i);
  }
}

void troupe::begin() {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const auto& spawner = nodes_[i].node.spawner;
    if (!roles_.contains(spawner.address()))
      self_->monitor(spawner);
    roles_.emplace(spawner.address(), role{part::spawner, i});
  }
  step();
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
  if (stopped_ || failed_ || pending_ > 0)
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
  return pending_ > 0 || failed_;
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
  return pending_ > 0 || failed_;
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
  return pending_ > 0 || failed_;
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
  return pending_ > 0 || failed_;
}

bool troupe::wire_services() {
  if (std::exchange(services_wired_, true))
    return false;
  players_wired_ = false;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!places_.alive(i))
      continue;
    auto& slot = nodes_[i];
    slot.horizon = 0;
    if (slot.tree)
      wire(slot.tree, tree_list(i));
    wire(slot.keeper, watch_list(i));
  }
  return pending_ > 0 || failed_;
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
  return pending_ > 0 || failed_;
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

std::shared_ptr<troupe> troupe::answered(const std::weak_ptr<troupe>& weak) {
  auto alive = weak.lock();
  if (!alive)
    return nullptr;
  --alive->pending_;
  return alive->stopped_ ? nullptr : alive;
}

template <class Result, class Handle, class Content>
void troupe::ask(const Handle& receiver, Content content,
                 std::function<void(Result&)> on_value,
                 std::function<void(caf::error&)> on_error) {
  ++pending_;
  // Answers may come after the experiment has ended.
  self_->request(receiver, opts_.request_timeout, std::move(content))
    .then(
      [weak = weak_from_this(), on_value](Result& value) {
        if (auto alive = answered(weak)) {
          on_value(value);
          alive->step();
        }
      },
      [weak = weak_from_this(), on_error](caf::error& reason) {
        if (auto alive = answered(weak)) {
          on_error(reason);
          alive->step();
        }
      });
}

template <class Handle, class Content>
void troupe::wire(const Handle& receiver, Content content) {
  ++pending_;
  self_->request(receiver, opts_.request_timeout, std::move(content))
    .then(
      [weak = weak_from_this()] {
        if (auto alive = answered(weak))
          alive->step();
      },
      [weak = weak_from_this(),
       address = receiver.address()](caf::error& reason) {
        auto alive = answered(weak);
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
  if (is_loss(reason))
    lose_node(node, reason);
  else
    fail(std::move(reason));
}

// -- what actors are told -----------------------------------------------------

caf::settings troupe::keeper_settings() const {
  const auto& zones = opts_.experiment.zones;
  auto result = caf::settings{};
  result["trust_below"] = zones.trusted_below;
  result["monitor_above"] = zones.monitored_above;
  result["quarantine_above"] = zones.quarantined_above;
  result["row_interval"] = caf::timespan{opts_.experiment.row_interval};
  return result;
}

caf::settings troupe::tree_settings() const {
  const auto& tree = opts_.experiment.summary_tree;
  auto result = caf::settings{};
  result["fanout"] = static_cast<int64_t>(tree.fanout);
  result["committee"] = static_cast<int64_t>(tree.committee);
  result["epoch_rows"] = static_cast<int64_t>(tree.epoch_rows);
  return result;
}

caf::settings troupe::agent_settings() const {
  auto result = caf::settings{};
  result["rate"] = opts_.experiment.rate;
  return result;
}

std::string troupe::detector_type(size_t entity) const {
  const auto& node = nodes_[places_.detector_node(entity)];
  return node.types->contains(opts_.experiment.detector.name)
           ? opts_.experiment.detector.name
           : bundled_detector;
}

caf::settings troupe::detector_settings(size_t entity) const {
  const auto& options = opts_.experiment;
  auto result = caf::settings{};
  for (const auto& [key, value] : options.detector.parameters)
    result[key] = value;
  if (detector_type(entity) == bundled_detector)
    result["scorer"] = options.detector.name;
  result["features"]
    = static_cast<int64_t>(entities_[entity].what->features.size());
  if (!result.contains("seed"))
    result["seed"] = static_cast<int64_t>(
      options.seed & std::numeric_limits<int64_t>::max());
  result["baselines"] = list_of(options.baselines);
  result["explain_above"] = options.zones.monitored_above;
  if (!result.contains("alarm_above"))
    result["alarm_above"] = options.zones.quarantined_above;
  return result;
}

watch_agents troupe::watch_list(size_t node) const {
  auto result = watch_agents{};
  for (auto entity : places_.watched_on(node))
    result.agents.push_back({entities_[entity].name,
                             entities_[entity].what->features,
                             {},
                             entities_[entity].what->kind});
  result.tree = nodes_[node].tree;
  result.owner = caf::actor_cast<caf::strong_actor_ptr>(self_);
  return result;
}

tree_start troupe::tree_list(size_t node) const {
  auto result = tree_start{};
  result.self = nodes_[node].node.id;
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.alive(i))
      result.members.push_back(
        {nodes_[i].node.id, nodes_[i].tree, kinds_on(i)});
  for (auto entity : places_.watched_on(node))
    result.subjects.push_back(
      {entities_[entity].name, entities_[entity].what->kind});
  result.owner = caf::actor_cast<caf::strong_actor_ptr>(self_);
  return result;
}

std::vector<kind_count> troupe::kinds_on(size_t node) const {
  auto counts = std::map<std::string, uint32_t>{};
  for (auto entity : places_.watched_on(node))
    ++counts[entities_[entity].what->kind];
  auto result = std::vector<kind_count>{};
  for (const auto& [kind, agents] : counts)
    result.push_back({kind, agents});
  return result;
}

agent_ring troupe::ring_of(size_t entity) const {
  auto result = agent_ring{};
  result.self = static_cast<uint32_t>(entity);
  for (const auto& slot : entities_)
    result.members.push_back({slot.name, slot.agent});
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (places_.alive(i))
      result.keepers.push_back(nodes_[i].keeper);
  result.listener = caf::actor_cast<agent_listener_actor>(self_->ctrl());
  result.owner = caf::actor_cast<caf::strong_actor_ptr>(self_);
  return result;
}

} // namespace starling::experiment
