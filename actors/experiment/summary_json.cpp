#include "actors/experiment/summary_json.hpp"

#include <nlohmann/json.hpp>

namespace starling::experiment {

namespace {

using nlohmann::json;

template <class T>
json or_null(const std::optional<T>& x) {
  return x ? json(*x) : json(nullptr);
}

json json_of(const figures& x) {
  return {{"auc_roc", x.auc_roc},
          {"auc_pr", x.auc_pr},
          {"best_f1", x.best_f1},
          {"vus_pr", x.vus_pr},
          {"recall_1", x.recall_1}};
}

json json_of(const scoreboard& x) {
  auto families = json::object();
  for (const auto& [family, mean] : x.families) {
    const auto& delay = x.delays.at(family);
    auto& out = families[family] = json_of(mean);
    out["incidents_hit_1"] = delay.incidents_hit;
    out["delay_1_median_rows"] = or_null(delay.median);
  }
  return {{"families", std::move(families)},
          {"pooled_auc_pr", x.pooled_auc_pr}};
}

json json_of(const zone_figures& x) {
  return {{"normal_above_monitored", x.normal_monitored},
          {"normal_above_quarantined", x.normal_quarantined},
          {"incidents", x.incidents},
          {"incidents_hit", x.incidents_hit},
          {"delay_median_rows", or_null(x.delay_median)}};
}

json json_of(const promise_check& x) {
  return {{"promised", x.promised}, {"observed", x.observed},
          {"low", x.low},           {"high", x.high},
          {"run", x.run},           {"kept", x.kept()}};
}

json json_of(const zone_counts& x) {
  return {{"changes", x.changes},
          {"quarantines", x.quarantines},
          {"quarantines_in_incidents", x.quarantines_in_incidents},
          {"isolations", x.isolations},
          {"recoveries", x.recoveries}};
}

json json_of(const cost_note& x) {
  return {{"us_per_vector", x.micros_per_vector},
          {"rows", x.rows},
          {"bytes", x.bytes}};
}

json json_of_methods(const experiment_summary& summary) {
  auto out = json::array();
  for (const auto& method : summary.methods)
    out.push_back({{"name", method.name},
                   {"role", out.empty() ? "detector" : "baseline"},
                   {"raw", json_of(method.raw)},
                   {"smoothed", json_of(method.smooth)},
                   {"us_per_vector", or_null(method.micros_per_vector)}});
  return out;
}

json json_of_entities(const experiment_summary& summary) {
  auto out = json::array();
  for (auto i = size_t{0}; i < summary.entities.size(); ++i) {
    const auto& entity = summary.entities[i];
    auto methods = json::array();
    for (const auto& method : summary.methods)
      methods.push_back({{"name", method.name},
                         {"raw", json_of(method.raw.entities[i])},
                         {"smoothed", json_of(method.smooth.entities[i])}});
    out.push_back({{"name", entity.name},
                   {"family", family_of(entity.name)},
                   {"node", entity.node},
                   {"rows", entity.rows},
                   {"methods", std::move(methods)},
                   {"levels", json_of(summary.levels.entities[i])},
                   {"zones", json_of(entity.levels)},
                   {"above_monitored", json_of(entity.monitored)},
                   {"above_quarantined", json_of(entity.quarantined)},
                   {"zone_changes", json_of(entity.counts)},
                   {"cost", json_of(entity.cost)}});
  }
  return out;
}

json json_of_incidents(const experiment_summary& summary) {
  auto out = json::array();
  for (const auto& x : summary.incidents)
    out.push_back({{"entity", x.entity},
                   {"begin", x.rows.begin},
                   {"end", x.rows.end},
                   {"monitored_after_rows", or_null(x.monitored_after)},
                   {"quarantined_after_rows", or_null(x.quarantined_after)}});
  return out;
}

json json_of(const tree_note& tree) {
  return {{"epochs_closed", tree.epochs_closed},
          {"epochs_incomplete", tree.epochs_incomplete},
          {"population_epoch", tree.population_epoch},
          {"population_agents", tree.population_agents}};
}

json json_of_nodes(const experiment_summary& summary) {
  auto out = json::array();
  for (const auto& node : summary.nodes) {
    auto& line = out.emplace_back(json{{"name", node.name},
                                       {"entities", node.entities},
                                       {"cost", json_of(node.cost)}});
    if (!node.end)
      continue;
    line["watched"] = node.end->watched;
    line["joined"] = node.end->joined;
    if (node.end->tree)
      line["tree"] = json_of(*node.end->tree);
  }
  return out;
}

json json_of_zones(const experiment_summary& summary) {
  auto out = json::object();
  for (const auto& [family, x] : summary.zones)
    out[family] = json_of(x);
  return {{"monitored_above", summary.monitored_above},
          {"quarantined_above", summary.quarantined_above},
          {"promises_kept", summary.promises_kept()},
          {"families", std::move(out)}};
}

} // namespace

std::string to_json(const experiment_summary& summary) {
  const auto out = json{{"experiment", summary.name},
                        {"detector", summary.detector},
                        {"seed", summary.seed},
                        {"started", summary.started},
                        {"duration_s", summary.duration_seconds},
                        {"rows", summary.rows},
                        {"methods", json_of_methods(summary)},
                        {"levels", json_of(summary.levels)},
                        {"zones", json_of_zones(summary)},
                        {"zone_changes", json_of(summary.counts)},
                        {"quarantines", summary.counts.quarantines},
                        {"recoveries", summary.counts.recoveries},
                        {"incidents", json_of_incidents(summary)},
                        {"entities", json_of_entities(summary)},
                        {"cost", json_of(summary.cost)},
                        {"nodes", json_of_nodes(summary)}};
  // Names come from outside: bytes that are no UTF-8 are replaced.
  return out.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace starling::experiment
