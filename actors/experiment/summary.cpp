#include "actors/experiment/summary.hpp"

#include "actors/experiment/zone_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace starling::experiment {

namespace {

constexpr double affordable_false_positives = 0.01;

/// Picks the scores of one method from an entity.
template <class Pick>
scoreboard make_board(const std::vector<entity_result>& entities, Pick pick) {
  auto out = scoreboard{};
  auto counts = std::map<std::string, double>{};
  auto delays = std::map<std::string, delay_tally>{};
  auto labels = std::vector<uint8_t>{};
  auto scores = std::vector<double>{};
  for (const auto& entity : entities) {
    const auto& picked = pick(entity);
    const auto x = figures_of(entity.labels, picked);
    const auto threshold
      = threshold_at(entity.labels, picked, affordable_false_positives);
    out.entities.push_back(x);
    for (const auto& family :
         {std::string{family_of(entity.name)}, std::string{family_all}}) {
      auto& sum = out.families[family];
      sum.auc_roc += x.auc_roc;
      sum.auc_pr += x.auc_pr;
      sum.best_f1 += x.best_f1;
      sum.vus_pr += x.vus_pr;
      sum.recall_1 += x.recall_1;
      counts[family] += 1.0;
      delays[family].add(entity.labels, picked, threshold);
    }
    labels.insert(labels.end(), entity.labels.begin(), entity.labels.end());
    scores.insert(scores.end(), picked.begin(), picked.end());
  }
  for (auto& [family, sum] : out.families) {
    sum.auc_roc /= counts[family];
    sum.auc_pr /= counts[family];
    sum.best_f1 /= counts[family];
    sum.vus_pr /= counts[family];
    sum.recall_1 /= counts[family];
    out.delays.emplace(family, delays[family].total());
  }
  out.pooled_auc_pr = average_precision(labels, scores);
  return out;
}

template <class Pick>
method_summary make_method(std::string name,
                           const std::vector<entity_result>& entities,
                           Pick pick) {
  return {std::move(name), make_board(entities, pick),
          make_board(entities,
                     [&](const entity_result& x) { return smoothed(pick(x)); }),
          std::nullopt};
}

zone_counts count_zones(const entity_result& entity) {
  auto out = zone_counts{};
  for (const auto& change : entity.zone_changes) {
    const auto from = zone_rank(change.from).value_or(0);
    const auto to = zone_rank(change.to).value_or(0);
    ++out.changes;
    if (to > from && to >= cut_off_rank) {
      (to == cut_off_rank ? out.quarantines : out.isolations) += 1;
      if (to == cut_off_rank && entity.labels[change.t] != 0)
        ++out.quarantines_in_incidents;
    }
    if (to < from && from >= cut_off_rank && to < cut_off_rank)
      ++out.recoveries;
  }
  return out;
}

void add(zone_counts& sum, const zone_counts& x) {
  sum.changes += x.changes;
  sum.quarantines += x.quarantines;
  sum.quarantines_in_incidents += x.quarantines_in_incidents;
  sum.isolations += x.isolations;
  sum.recoveries += x.recoveries;
}

void add(cost_note& sum, const cost_note& x) {
  // The mean weighs entities by their rows.
  const auto rows = static_cast<double>(sum.rows + x.rows);
  if (rows > 0.0)
    sum.micros_per_vector += (x.micros_per_vector - sum.micros_per_vector)
                             * static_cast<double>(x.rows) / rows;
  sum.rows += x.rows;
  sum.bytes += x.bytes;
}

result<void> check_zone_changes(const entity_result& entity) {
  auto last = size_t{0};
  for (const auto& change : entity.zone_changes) {
    if (!zone_rank(change.from) || !zone_rank(change.to))
      return failure{ec::malformed_input,
                     fmt::format("{}: unknown zone in the change from {} to {}",
                                 entity.name, change.from, change.to)};
    if (change.t < last || change.t >= entity.labels.size())
      return failure{ec::malformed_input,
                     fmt::format("{}: a zone change at row {} after row {}, of "
                                 "{} rows",
                                 entity.name, change.t, last,
                                 entity.labels.size())};
    last = change.t;
  }
  return {};
}

result<void> check(const entity_result& entity,
                   const std::vector<std::string>& baselines) {
  if (auto done
      = check_scores(entity.labels, entity.scores, entity.name + ", scores");
      !done)
    return done;
  if (auto done
      = check_scores(entity.labels, entity.levels, entity.name + ", levels");
      !done)
    return done;
  const auto [least, most] = std::ranges::minmax(entity.levels);
  if (least < 0.0 || most > 1.0)
    return failure{ec::malformed_input,
                   entity.name + ": a level lies outside [0, 1]"};
  if (entity.baseline_scores.size() != baselines.size())
    return failure{ec::malformed_input,
                   fmt::format("{}: scores of {} baselines for {} names",
                               entity.name, entity.baseline_scores.size(),
                               baselines.size())};
  for (auto i = size_t{0}; i < baselines.size(); ++i)
    if (auto done = check_scores(entity.labels, entity.baseline_scores[i],
                                 entity.name + ", baseline " + baselines[i]);
        !done)
      return done;
  return check_zone_changes(entity);
}

result<void> check(const experiment_result& input) {
  if (input.entities.empty())
    return failure{ec::invalid_option,
                   "the experiment has no entity; see its data folder"};
  auto names = std::set<std::string_view>{};
  for (const auto& entity : input.entities) {
    if (!names.insert(entity.name).second)
      return failure{ec::invalid_option,
                     "entity " + entity.name + " is there twice"};
    if (family_of(entity.name) == family_all)
      return failure{ec::invalid_option,
                     "entity " + entity.name
                       + ": its family can't be called 'all'; rename it"};
    if (auto done = check(entity, input.baselines); !done)
      return done;
  }
  return {};
}

void add_entity(experiment_summary& out, const experiment_result& input,
                const entity_result& entity,
                std::map<std::string, zone_tally>& tallies) {
  const auto empty = zone_tally{input.monitored_above, input.quarantined_above};
  auto own = empty;
  own.add(entity.labels, entity.levels);
  for (const auto& family :
       {std::string{family_of(entity.name)}, std::string{family_all}})
    tallies.try_emplace(family, empty)
      .first->second.add(entity.labels, entity.levels);
  const auto counts = count_zones(entity);
  const auto levels = own.total();
  out.entities.push_back(
    {entity.name, entity.node, entity.labels.size(), levels,
     check_promise(entity.labels, entity.levels, input.monitored_above,
                   input.horizon_rows),
     check_promise(entity.labels, entity.levels, input.quarantined_above,
                   input.horizon_rows),
     counts, entity.cost});
  for (const auto& rows : incidents_of(entity.labels))
    out.incidents.push_back(
      {entity.name, rows,
       detection_delay(rows, entity.levels, input.monitored_above),
       detection_delay(rows, entity.levels, input.quarantined_above)});
  out.rows += entity.labels.size();
  add(out.counts, counts);
  add(out.cost, entity.cost);
  auto node = std::ranges::find(out.nodes, entity.node, &node_summary::name);
  if (node == out.nodes.end())
    node = out.nodes.insert(node, {entity.node, 0, {}, {}});
  ++node->entities;
  add(node->cost, entity.cost);
}

void add_methods(experiment_summary& out, const experiment_result& input) {
  out.methods.push_back(make_method(
    input.detector, input.entities,
    [](const entity_result& x) -> const auto& { return x.scores; }));
  out.methods.back().micros_per_vector = out.cost.micros_per_vector;
  for (auto i = size_t{0}; i < input.baselines.size(); ++i) {
    out.methods.push_back(
      make_method(input.baselines[i], input.entities,
                  [i](const entity_result& x) -> const auto& {
                    return x.baseline_scores[i];
                  }));
    if (i < input.baseline_micros.size())
      out.methods.back().micros_per_vector = input.baseline_micros[i];
  }
  out.levels
    = make_board(input.entities, [](const entity_result& x) -> const auto& {
        return x.levels;
      });
}

} // namespace

result<experiment_summary> summarise(const experiment_result& input) {
  if (auto done = check(input); !done)
    return done.error();
  auto out = experiment_summary{};
  out.name = input.name;
  out.detector = input.detector;
  out.seed = input.seed;
  out.started = utc_text(input.started);
  out.duration_seconds = std::chrono::duration<double>{input.duration}.count();
  out.monitored_above = input.monitored_above;
  out.quarantined_above = input.quarantined_above;
  auto tallies = std::map<std::string, zone_tally>{};
  for (const auto& entity : input.entities)
    add_entity(out, input, entity, tallies);
  for (const auto& [family, tally] : tallies)
    out.zones.emplace(family, tally.total());
  for (const auto& node : input.nodes) {
    auto known = std::ranges::find(out.nodes, node.name, &node_summary::name);
    if (known == out.nodes.end())
      known = out.nodes.insert(known, {node.name, 0, {}, {}});
    known->end = node;
  }
  std::ranges::sort(out.nodes, {}, &node_summary::name);
  add_methods(out, input);
  return out;
}

size_t experiment_summary::promises_kept() const {
  return static_cast<size_t>(
    std::ranges::count_if(entities, [](const entity_summary& x) {
      return x.monitored.kept() && x.quarantined.kept();
    }));
}

std::string utc_text(std::chrono::system_clock::time_point when) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const auto date = std::chrono::year_month_day{day};
  const auto time = std::chrono::hh_mm_ss{seconds - day};
  return fmt::format(
    "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
    time.hours().count(), time.minutes().count(), time.seconds().count());
}

} // namespace starling::experiment
