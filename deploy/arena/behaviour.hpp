#pragma once

#include "deploy/arena/arena_options.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace starling::arena {

/// What one agent does when it is honest.
struct behaviour {
  /// Agents of one kind do alike.
  size_t kind = 0;
  size_t features = 0;
  /// Training rows, then those under attack; row after row.
  std::vector<double> values;
  /// Standard deviation of each feature over the training rows, above zero.
  std::vector<double> spread;

  /// @pre there are as many rows.
  [[nodiscard]] std::span<const double> row(size_t index) const {
    return std::span{values}.subspan(index * features, features);
  }
};

/// Makes up behaviour, one an agent: features that go up and down together (two
/// factors of the agent) and with the time of day, and noise, both first-order
/// autoregressive; levels, loads and seasons are those of the agent's kind.
[[nodiscard]] std::vector<behaviour> make_behaviour(const arena_options& opts,
                                                    uint64_t seed);

/// Takes stretches of recorded training rows, in turn of each entity of the
/// folder, which is the kind. Errors: those of the data set; invalid_option (no
/// entity has rows enough).
result<std::vector<behaviour>> load_behaviour(const arena_options& opts,
                                              uint64_t seed);

} // namespace starling::arena
