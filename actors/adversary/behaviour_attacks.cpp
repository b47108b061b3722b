#include "actors/adversary/behaviour_attacks.hpp"

#include "actors/adversary/lot.hpp"

#include <algorithm>

namespace starling::adversary {

push::push(const parameter_values& values, uint64_t seed)
  : strength_{values.at("strength")},
    features_{values.at("features")},
    seed_{seed} {
  // nop
}

void push::move(uint64_t who, double part, const row_scene& scene,
                std::span<double> row) const {
  if (row.empty())
    return;
  const auto always = lot({seed_, who}) % row.size();
  for (size_t i = 0; i < row.size(); ++i) {
    const auto drawn = lot({seed_, who, i});
    if (i != always && share_of(drawn) >= features_)
      continue;
    const auto sign = drawn % 2 == 0 ? 1.0 : -1.0;
    row[i] += sign * part * strength_ * scene.spread[i];
  }
}

slow_poison::slow_poison(const parameter_values& values, uint64_t seed)
  : push_{values, seed},
    rows_{values.at("rows")} {
  // nop
}

void slow_poison::change_row(const row_scene& scene,
                             std::span<double> row) const {
  const auto part = static_cast<double>(scene.row + 1) / rows_;
  push_.move(scene.agent, std::min(part, 1.0), scene, row);
}

mimicry::mimicry(const parameter_values& values, uint64_t seed)
  : push_{values, seed} {
  // nop
}

void mimicry::change_row(const row_scene& scene, std::span<double> row) const {
  std::ranges::copy(scene.model, row.begin());
  push_.move(scene.agent, 1.0, scene, row);
}

on_off::on_off(const parameter_values& values, uint64_t seed)
  : push_{values, seed},
    on_{static_cast<uint64_t>(values.at("on"))},
    period_{on_ + static_cast<uint64_t>(values.at("off"))},
    seed_{seed} {
  // nop
}

void on_off::change_row(const row_scene& scene, std::span<double> row) const {
  const auto phase = lot({seed_, scene.agent, 1}) % period_;
  if ((scene.row + phase) % period_ < on_)
    push_.move(scene.agent, 1.0, scene, row);
}

} // namespace starling::adversary
