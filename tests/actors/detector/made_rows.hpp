#pragma once

#include <cstddef>
#include <random>
#include <vector>

namespace starling::detector {

/// Rows for tests: features that share one load, in very different units, with
/// noise of their own. The same seed gives the same rows on any machine.
class made_rows {
public:
  explicit made_rows(size_t features, unsigned seed = 1)
    : features_{features},
      engine_{seed} {
    // nop
  }

  /// Returns the next ordinary row. `load_shift` is added to the load, whose
  /// deviation is 1.
  std::vector<double> next(double load_shift = 0.0) {
    const auto load = noise() + load_shift;
    auto row = std::vector<double>(features_);
    auto unit = 1e-3;
    for (auto& x : row) {
      x = unit * (10.0 + load + 0.2 * noise());
      unit = unit > 1e5 ? 1e-3 : unit * 10.0;
    }
    return row;
  }

  /// Returns the unit of a feature: one deviation of the load.
  static double unit_of(size_t feature) {
    auto unit = 1e-3;
    for (size_t i = 0; i < feature; ++i)
      unit = unit > 1e5 ? 1e-3 : unit * 10.0;
    return unit;
  }

private:
  /// Twelve uniforms, as standard libraries differ in their normal variates.
  double noise() {
    auto sum = -6.0;
    for (auto i = 0; i < 12; ++i)
      sum += static_cast<double>(engine_()) / 4294967296.0;
    return sum;
  }

  size_t features_;
  std::mt19937 engine_;
};

} // namespace starling::detector
