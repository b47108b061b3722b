// What the actors of an experiment are told: their options, and whom they work
// with.

#include "actors/experiment/troupe_orchestrator.hpp"

#include <caf/actor_cast.hpp>

#include <cstdint>
#include <limits>
#include <utility>

namespace starling::experiment {

namespace {

/// The catalog's type for all bundled scorers.
constexpr auto bundled_detector = "detector";

caf::config_value::list list_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

} // namespace

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
  result.rebuilt = trees_told_ > 1;
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
    if (places_.alive(i) && places_.watches(i))
      result.keepers.push_back(nodes_[i].keeper);
  result.listener = caf::actor_cast<agent_listener_actor>(self_->ctrl());
  result.owner = caf::actor_cast<caf::strong_actor_ptr>(self_);
  return result;
}

} // namespace starling::experiment
