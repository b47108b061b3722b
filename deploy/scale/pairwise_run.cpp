#include "actors/scale/pairwise_outliers.hpp"
#include "deploy/scale/flock_run.hpp"
#include "deploy/scale/process_cost.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

namespace starling::deploy {

namespace {

constexpr size_t neighbours = 8;
constexpr double deviations = 6.0;
/// Agents between two looks at the clock.
constexpr size_t stretch = 64;

/// Running mean and mean square.
struct moments {
  double sum = 0.0;
  double squares = 0.0;

  void add(double x) {
    sum += x;
    squares += x * x;
  }
};

/// One agent's epoch in units of its own past: for each feature the mean and
/// how much it moved.
void describe(const scale_plan& plan, const scale::population_plan& population,
              size_t index, float* out) {
  const auto width = population.features;
  auto model = scale::behaviour_model{population, index};
  auto row = std::vector<double>(width);
  auto before = std::vector<double>(width);
  auto values = std::vector<moments>(width);
  auto moves = std::vector<moments>(width);
  const auto learn = [&](auto& to_values, auto& to_moves, uint64_t rows) {
    for (uint64_t t = 0; t < rows; ++t) {
      before = row;
      model.next(row);
      for (size_t i = 0; i < width; ++i) {
        to_values[i].add(row[i]);
        if (model.position() > 1)
          to_moves[i].add(std::abs(row[i] - before[i]));
      }
    }
  };
  learn(values, moves, population.training_rows);
  auto skipped = std::vector<moments>(width);
  learn(skipped, skipped, population.onset);
  auto now = std::vector<moments>(width);
  auto now_moves = std::vector<moments>(width);
  learn(now, now_moves, plan.epoch_rows);
  const auto rows = static_cast<double>(population.training_rows);
  const auto epoch = static_cast<double>(plan.epoch_rows);
  const auto put = [&](float& to, const moments& past, const moments& present) {
    const auto mean = past.sum / rows;
    const auto spread
      = std::sqrt(std::max(past.squares / rows - mean * mean, 1e-12));
    to = static_cast<float>((present.sum / epoch - mean) / spread);
  };
  for (size_t i = 0; i < width; ++i) {
    put(out[i], values[i], now[i]);
    put(out[width + i], moves[i], now_moves[i]);
  }
}

} // namespace

pairwise_point run_pairwise(const scale_plan& plan, size_t agents) {
  auto population = plan.population;
  population.agents = agents;
  const auto dimensions = 2 * population.features;
  auto values = std::vector<float>(agents * dimensions);
  for (size_t i = 0; i < agents; ++i)
    describe(plan, population, i, values.data() + i * dimensions);
  auto round = scale::pairwise_outliers{values, dimensions, neighbours};
  const auto limit = static_cast<double>(plan.pairwise_max.count());
  const auto before = thread_cpu_s();
  auto spent = 0.0;
  const auto part = [&] {
    return static_cast<double>(round.done()) / static_cast<double>(agents);
  };
  while (round.step())
    if (round.done() % stretch == 0) {
      spent = thread_cpu_s() - before;
      // A few per cent tell how long the whole would take.
      if (part() > 0.02 && spent / part() > limit)
        break;
    }
  spent = thread_cpu_s() - before;
  auto result = pairwise_point{};
  result.agents = agents;
  result.done = part();
  result.cpu_s = spent / result.done;
  const auto n = static_cast<double>(agents);
  result.messages = n * (n - 1.0);
  result.bytes
    = result.messages * static_cast<double>(dimensions * sizeof(float));
  if (round.done() < agents)
    return result;
  const auto accused = round.outliers(deviations);
  for (size_t i = 0; i < agents; ++i)
    result.found.note(scale::misconduct_of(population, i)
                        != scale::misconduct::none,
                      accused[i]);
  return result;
}

} // namespace starling::deploy
