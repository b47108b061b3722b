#include "actors/scale/behaviour_model.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace starling::scale {

namespace {

/// What is left of a deviation one row later.
constexpr double memory = 0.8;
/// Part of a shock's variance that all features of an agent share.
constexpr double common = 0.6;
constexpr size_t shifted = 3;
constexpr double shift_deviations = 6.0;
constexpr double shaking = 4.0;

/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014, figure 17.
uint64_t split_mix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  auto x = state;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// Levels and units differ from feature to feature by powers of ten.
double unit_of(size_t feature) {
  constexpr double units[] = {1.0, 10.0, 100.0, 1000.0, 0.1};
  return units[feature % std::size(units)];
}

} // namespace

const char* name_of(misconduct what) {
  switch (what) {
    case misconduct::none:
      return "none";
    case misconduct::shift:
      return "shift";
    case misconduct::shake:
      return "shake";
    case misconduct::stick:
      return "stick";
    case misconduct::decouple:
      return "decouple";
  }
  return "unknown";
}

size_t misbehaving(const population_plan& plan) {
  const auto wanted
    = std::llround(plan.share * static_cast<double>(plan.agents));
  return std::clamp<size_t>(static_cast<size_t>(wanted), 1,
                            std::max<size_t>(plan.agents, 1));
}

misconduct misconduct_of(const population_plan& plan, size_t index) {
  constexpr size_t kinds = 4;
  const auto count = misbehaving(plan);
  const auto before = index * count / plan.agents;
  if ((index + 1) * count / plan.agents == before)
    return misconduct::none;
  return static_cast<misconduct>(1 + before % kinds);
}

behaviour_model::behaviour_model(const population_plan& plan, size_t index)
  : what_{misconduct_of(plan, index)},
    onset_{plan.training_rows + plan.onset},
    random_{plan.seed ^ (0xd1342543de82ef95U * (index + 1))},
    process_(plan.features) {
  phase_ = 2.0 * std::numbers::pi
           * static_cast<double>(split_mix(random_) >> 11U) * 0x1p-53;
  for (auto& x : process_)
    x = static_cast<float>(draw());
}

void behaviour_model::next(std::span<double> row) {
  const auto wrong = position_ >= onset_ ? what_ : misconduct::none;
  const auto time = static_cast<double>(position_ % season_rows)
                    / static_cast<double>(season_rows);
  const auto season = std::sin(2.0 * std::numbers::pi * time + phase_);
  const auto shock = std::sqrt(1.0 - memory * memory);
  const auto shared = std::sqrt(common) * draw();
  for (size_t i = 0; i < row.size(); ++i) {
    const auto own = std::sqrt(1.0 - common) * draw();
    const auto turned = wrong == misconduct::decouple && i % 2 == 1;
    auto& process = process_[i];
    if (wrong != misconduct::stick)
      process = static_cast<float>(
        memory * process + shock * (own + (turned ? -shared : shared)));
    auto value = static_cast<double>(process);
    if (wrong == misconduct::shake)
      value += shaking * own;
    if (wrong == misconduct::shift && i < shifted)
      value += shift_deviations;
    // A stuck feature does not follow the season either.
    if (wrong != misconduct::stick)
      value += season * static_cast<double>(1 + i % 3);
    row[i] = unit_of(i) * (10.0 + value);
  }
  ++position_;
}

/// Mean 0, variance 1.
double behaviour_model::draw() {
  const auto bits = split_mix(random_);
  const auto sum = (bits & 0xffffU) + ((bits >> 16U) & 0xffffU)
                   + ((bits >> 32U) & 0xffffU) + (bits >> 48U);
  // Four uniform draws of variance 2^32 / 12 each.
  return (static_cast<double>(sum) - 131070.0)
         * (std::numbers::sqrt3 / 65536.0);
}

} // namespace starling::scale
