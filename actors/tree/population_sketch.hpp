#pragma once

#include "actors/tree/direction_sketch.hpp"
#include "actors/tree/quantile_summary.hpp"

namespace starling::tree {

/// What one node says of some agents.
struct summary_report {
  summary_parts levels;
  direction_parts directions;

  friend bool operator==(const summary_report&, const summary_report&)
    = default;
};

/// What is known of some agents: how their levels lie, and along which
/// directions those that were strange left what is usual for them.
struct population_sketch {
  quantile_summary levels;
  direction_sketch directions;

  void merge(const population_sketch& other) {
    levels.merge(other.levels);
    directions.merge(other.directions);
  }

  /// Returns what another node makes of `encode`.
  [[nodiscard]] population_sketch as_told() const {
    return {levels, directions.as_told()};
  }

  [[nodiscard]] bool empty() const {
    return levels.empty();
  }

  [[nodiscard]] summary_report encode() const {
    return {levels.encode(), directions.encode()};
  }
};

} // namespace starling::tree
