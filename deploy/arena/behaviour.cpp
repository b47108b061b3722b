#include "deploy/arena/behaviour.hpp"

#include "actors/adversary/lot.hpp"
#include "actors/experiment/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace starling::arena {

namespace {

using adversary::lot;
using adversary::share_of;

constexpr size_t factors = 2;

/// What the agents of one kind have in common, for each feature.
struct feature_habit {
  double middle = 0.0;
  double season = 0.0;
  double phase = 0.0;
  double loads[factors] = {};
};

std::vector<feature_habit> habits_of(size_t features, size_t kind,
                                     uint64_t seed) {
  auto result = std::vector<feature_habit>(features);
  const auto unit = [&](size_t feature, uint64_t what) {
    return share_of(lot({seed, kind, feature, what}));
  };
  for (size_t i = 0; i < features; ++i) {
    result[i] = {10.0 * unit(i, 0),
                 2.0 * unit(i, 1),
                 2.0 * std::numbers::pi * unit(i, 2),
                 {2.0 * unit(i, 3) - 1.0, 2.0 * unit(i, 4) - 1.0}};
  }
  return result;
}

/// A first-order autoregressive process of variance one.
class drift {
public:
  explicit drift(double memory)
    : memory_{memory},
      fresh_{std::sqrt(1.0 - memory * memory)} {
    // nop
  }

  template <class Engine>
  double next(Engine& engine, std::normal_distribution<double>& normal) {
    state_ = memory_ * state_ + fresh_ * normal(engine);
    return state_;
  }

private:
  double memory_;
  double fresh_;
  double state_ = 0.0;
};

void measure_spread(behaviour& target, size_t train_rows) {
  target.spread.assign(target.features, 1.0);
  for (size_t k = 0; k < target.features; ++k) {
    auto count = 0.0;
    auto sum = 0.0;
    auto squares = 0.0;
    for (size_t i = 0; i < train_rows; ++i)
      if (const auto x = target.row(i)[k]; std::isfinite(x)) {
        ++count;
        sum += x;
        squares += x * x;
      }
    const auto mean = count > 0.0 ? sum / count : 0.0;
    const auto variance = count > 1.0 ? squares / count - mean * mean : 0.0;
    // A feature that never moves can be moved by one unit.
    if (variance > 1e-12)
      target.spread[k] = std::sqrt(variance);
  }
}

} // namespace

std::vector<behaviour> make_behaviour(const arena_options& opts,
                                      uint64_t seed) {
  const auto rows = opts.train_rows + opts.rows;
  const auto day = std::chrono::duration<double>{std::chrono::hours{24}}
                   / std::chrono::duration<double>{opts.row_interval};
  auto result = std::vector<behaviour>{};
  for (size_t agent = 0; agent < opts.agents; ++agent) {
    auto& made = result.emplace_back();
    made.kind = agent % opts.kinds;
    made.features = opts.features;
    made.values.reserve(rows * opts.features);
    const auto habits = habits_of(opts.features, made.kind, seed);
    auto engine = std::mt19937_64{lot({seed, agent, 99})};
    auto normal = std::normal_distribution{};
    auto common = std::vector<drift>(factors, drift{0.9});
    auto own = std::vector<drift>(opts.features, drift{0.6});
    for (size_t t = 0; t < rows; ++t) {
      double moods[factors];
      for (size_t k = 0; k < factors; ++k)
        moods[k] = common[k].next(engine, normal);
      const auto hour = 2.0 * std::numbers::pi * static_cast<double>(t) / day;
      for (size_t i = 0; i < opts.features; ++i) {
        const auto& habit = habits[i];
        auto x = habit.middle + habit.season * std::sin(hour + habit.phase)
                 + 0.5 * own[i].next(engine, normal);
        for (size_t k = 0; k < factors; ++k)
          x += habit.loads[k] * moods[k];
        made.values.push_back(x);
      }
    }
    measure_spread(made, opts.train_rows);
  }
  return result;
}

result<std::vector<behaviour>> load_behaviour(const arena_options& opts,
                                              uint64_t seed) {
  const auto rows = opts.train_rows + opts.rows;
  const auto entities = experiment::list_entities(opts.data);
  if (!entities)
    return entities.error();
  auto tables = std::vector<experiment::table>{};
  for (const auto& entity : *entities) {
    auto table = experiment::load_train(opts.data, entity);
    if (!table)
      return table.error();
    if (table->rows() >= rows)
      tables.push_back(std::move(*table));
  }
  if (tables.empty())
    return failure{ec::invalid_option,
                   fmt::format("{}: no entity has {} training rows; ask for "
                               "fewer (train_rows, rows)",
                               opts.data.string(), rows)};
  auto result = std::vector<behaviour>{};
  for (size_t agent = 0; agent < opts.agents; ++agent) {
    const auto& table = tables[agent % tables.size()];
    auto& made = result.emplace_back();
    made.kind = agent % tables.size();
    made.features = table.features();
    const auto first = lot({seed, agent, 98}) % (table.rows() - rows + 1);
    const auto from = std::span{table.values}.subspan(first * made.features,
                                                      rows * made.features);
    made.values.assign(from.begin(), from.end());
    measure_spread(made, opts.train_rows);
  }
  return result;
}

} // namespace starling::arena
