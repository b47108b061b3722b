#pragma once

#include "actors/experiment/experiment_result.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace starling::experiment::test {

/// Labels and scores by a formula that Python repeats to the last bit: many
/// ties, incidents at both ends and next to each other.
struct made_scores {
  std::string entity;
  std::vector<uint8_t> labels;
  std::vector<double> scores;
};

inline made_scores make_scores(std::string entity, uint64_t rows, uint64_t seed,
                               std::vector<std::pair<size_t, size_t>> spans) {
  auto out = made_scores{std::move(entity), std::vector<uint8_t>(rows), {}};
  for (auto [begin, end] : spans)
    for (auto row = begin; row < end; ++row)
      out.labels[row] = 1;
  for (auto i = uint64_t{0}; i < rows; ++i) {
    const auto x = (i * i * 7919 + i * 104729 + seed * 31) % 97;
    const auto score = static_cast<double>(x) / 96.0;
    const auto lifted = out.labels[i] != 0 && i % 3 != 0;
    out.scores.push_back(lifted ? 1.0 - (1.0 - score) / 4.0 : score);
  }
  return out;
}

inline std::vector<made_scores> all_made_scores() {
  return {
    make_scores("aa-1", 400, 1, {{50, 60}, {64, 70}, {200, 201}, {390, 400}}),
    make_scores("aa-2", 300, 2, {{0, 7}, {150, 190}}),
    make_scores("bb-1", 120, 3, {{30, 31}, {33, 35}, {100, 110}})};
}

/// A whole result from the above: the scores serve as levels too, and one
/// baseline has them in reverse order of rank.
inline experiment_result make_result() {
  auto out = experiment_result{};
  out.name = "made";
  out.detector = "formula";
  out.seed = 7;
  out.started = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29}
                + std::chrono::hours{13} + std::chrono::seconds{61};
  out.duration = std::chrono::milliseconds{1500};
  out.file = "made.toml";
  out.data = "data";
  out.baselines = {"reverse"};
  out.baseline_micros = {0.5};
  for (auto& made : all_made_scores()) {
    auto reverse = std::vector<double>{};
    for (auto score : made.scores)
      reverse.push_back(-score);
    auto entity = entity_result{};
    entity.name = made.entity;
    entity.node = made.entity == "aa-2" ? "node-1" : "node-2";
    entity.cost = {2.0, made.scores.size(), 100};
    entity.labels = std::move(made.labels);
    entity.levels = made.scores;
    entity.scores = std::move(made.scores);
    entity.baseline_scores = {std::move(reverse)};
    out.entities.push_back(std::move(entity));
  }
  out.entities[0].zone_changes
    = {{51, "TRUSTED", "QUARANTINED", "level 0.99 is above 0.95", 0.99},
       {120, "QUARANTINED", "MONITORED", "served its time", 0.2},
       {150, "MONITORED", "QUARANTINED", "level 0.96 is above 0.95", 0.96},
       {160, "QUARANTINED", "ISOLATED", "third strike", 0.97},
       {300, "ISOLATED", "MONITORED", "served its time", 0.1},
       {350, "MONITORED", "TRUSTED", "quiet", 0.1}};
  out.events = {{51, "aa-1", "node-2", "zone", "TRUSTED", "QUARANTINED", 0.99,
                 "level 0.99, above \"0.95\""},
                {12, "", "node-1", "route", "", "", {}, "node-2 via node-3"}};
  return out;
}

} // namespace starling::experiment::test
