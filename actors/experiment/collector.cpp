#include "actors/experiment/collector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace starling::experiment {

namespace {

constexpr auto nanoseconds_a_microsecond = 1000.0;

std::string text_of(const work_note& work) {
  return fmt::format("delivered {}, re-routed {}, refused {}, dropped {}",
                     work.delivered, work.rerouted, work.refused, work.dropped);
}

/// Events in the order of time, and those of one row in the order of entities.
void sort_by_row(std::vector<event_note>& events) {
  std::ranges::stable_sort(events, std::ranges::less{}, &event_note::t);
}

} // namespace

collector::collector(std::vector<std::string> entities, size_t baselines)
  : entries_(entities.size()),
    baseline_nanoseconds_(baselines) {
  for (size_t i = 0; i < entities.size(); ++i) {
    entries_[i].result.name = std::move(entities[i]);
    entries_[i].result.baseline_scores.resize(baselines);
  }
}

result<void> collector::add_scores(size_t entity, const scored_rows& rows,
                                   uint64_t rows_max) {
  auto& entry = entries_[entity];
  auto& to = entry.result;
  const auto count = rows.scores.size();
  auto fits = rows.levels.size() == count
              && rows.baselines.size() == to.baseline_scores.size()
              && rows.baseline_nanoseconds.size() == rows.baselines.size();
  for (const auto& baseline : rows.baselines)
    fits = fits && baseline.size() == count;
  const auto known = to.scores.size();
  if (!fits || rows.first > known || count > rows_max
      || rows.first > rows_max - count)
    return failure{ec::malformed_input,
                   fmt::format("scores of '{}': {} rows from {} on do not fit "
                               "to {} known ones of {}",
                               to.name, count, rows.first, known, rows_max)};
  const auto skip = std::min<size_t>(known - rows.first, count);
  if (skip == count)
    return {};
  const auto append = [skip](auto& target, const auto& source) {
    target.insert(target.end(), source.begin() + static_cast<ptrdiff_t>(skip),
                  source.end());
  };
  append(to.scores, rows.scores);
  append(to.levels, rows.levels);
  const auto share
    = static_cast<double>(count - skip) / static_cast<double>(count);
  entry.nanoseconds += share * static_cast<double>(rows.nanoseconds);
  entry.score_bytes += rows.bytes;
  for (size_t i = 0; i < rows.baselines.size(); ++i) {
    append(to.baseline_scores[i], rows.baselines[i]);
    baseline_nanoseconds_[i]
      += share * static_cast<double>(rows.baseline_nanoseconds[i]);
  }
  return {};
}

void collector::add_zone_change(size_t entity, const zone_change_note& change,
                                std::string context) {
  auto& entry = entries_[entity];
  if (entry.changes.emplace(change.t, change).second)
    entry.contexts.emplace(change.t, std::move(context));
}

void collector::add_route(size_t entity, uint64_t row, std::string from,
                          std::string to) {
  entries_[entity].routes.try_emplace(row, std::move(from), std::move(to));
}

void collector::add_work(size_t entity, const work_note& work) {
  auto& sum = entries_[entity].work;
  sum.delivered += work.delivered;
  sum.rerouted += work.rerouted;
  sum.refused += work.refused;
  sum.dropped += work.dropped;
}

void collector::add_behaviour_bytes(size_t entity, uint64_t bytes) {
  entries_[entity].behaviour_bytes += bytes;
}

void collector::add_event(event_note event) {
  if (events_.size() < events_max)
    events_.push_back(std::move(event));
  else
    ++events_lost_;
}

uint64_t collector::rows(size_t entity) const {
  return entries_[entity].result.scores.size();
}

work_note collector::work_total() const {
  auto total = work_note{};
  for (const auto& entry : entries_) {
    total.delivered += entry.work.delivered;
    total.rerouted += entry.work.rerouted;
    total.refused += entry.work.refused;
    total.dropped += entry.work.dropped;
  }
  return total;
}

void collector::finish(std::vector<std::vector<uint8_t>> labels,
                       const std::vector<std::string>& nodes,
                       experiment_result& out) {
  auto all_rows = 0.0;
  auto tallies = std::vector<event_note>{};
  auto dated = std::vector<event_note>{};
  for (size_t i = 0; i < entries_.size(); ++i) {
    auto& entry = entries_[i];
    auto& entity = entry.result;
    entity.node = nodes[i];
    entity.labels = std::move(labels[i]);
    const auto rows = entity.scores.size();
    all_rows += static_cast<double>(rows);
    entity.cost.rows = rows;
    entity.cost.bytes = entry.behaviour_bytes + entry.score_bytes;
    if (rows > 0)
      entity.cost.micros_per_vector = entry.nanoseconds
                                      / static_cast<double>(rows)
                                      / nanoseconds_a_microsecond;
    for (const auto& [t, change] : entry.changes)
      entity.zone_changes.push_back(change);
    tallies.push_back({static_cast<int64_t>(rows), entity.name, entity.node,
                       "work", "", "", std::nullopt, text_of(entry.work)});
    append_events(entry, dated);
    out.entities.push_back(std::move(entity));
  }
  sort_by_row(dated);
  if (events_lost_ > 0)
    events_.push_back({0, "", "", "events", "", "", std::nullopt,
                       fmt::format("{} more were not kept", events_lost_)});
  out.events = {{0, "", "", "work", "", "", std::nullopt,
                 "all agents: " + text_of(work_total())}};
  for (auto* part : {&tallies, &events_, &dated})
    std::ranges::move(*part, std::back_inserter(out.events));
  for (auto nanoseconds : baseline_nanoseconds_)
    out.baseline_micros.push_back(all_rows > 0.0 ? nanoseconds / all_rows
                                                     / nanoseconds_a_microsecond
                                                 : 0.0);
}

void collector::append_events(const record& from,
                              std::vector<event_note>& to) const {
  const auto& entity = from.result;
  for (const auto& [t, change] : from.changes) {
    const auto& context = from.contexts.at(t);
    to.push_back(
      {static_cast<int64_t>(t), entity.name, entity.node, "zone", change.from,
       change.to, change.level,
       context.empty() ? change.reason : change.reason + "; " + context});
  }
  for (const auto& [row, route] : from.routes)
    to.push_back({static_cast<int64_t>(row), entity.name, entity.node, "route",
                  route.first, route.second, std::nullopt,
                  route.second.empty() ? "nobody is left to take its work"
                                       : "its work goes to " + route.second});
}

} // namespace starling::experiment
