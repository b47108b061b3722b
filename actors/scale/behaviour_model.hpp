#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::scale {

/// What a misbehaving agent does from its row on.
enum class misconduct : uint8_t {
  none,
  /// Three features move by six deviations.
  shift,
  /// All features shake four times as much.
  shake,
  /// All features stay where they are.
  stick,
  /// Every other feature turns against what it used to go with: each by itself
  /// looks as ever.
  decouple,
};

/// Returns "none", "shift", "shake", "stick" or "decouple".
[[nodiscard]] const char* name_of(misconduct what);

/// A population of agents that nobody recorded, for questions of scale alone:
/// what 10^5 agents cost can't be asked of a few dozen recordings.
struct population_plan {
  size_t agents = 0;
  /// Length of a row, at least three.
  size_t features = 8;
  uint64_t training_rows = 512;
  /// Rows after those.
  uint64_t live_rows = 240;
  /// Live row from which on misbehaving agents misbehave.
  uint64_t onset = 120;
  /// Share of misbehaving agents, in [0, 1]; one at least.
  double share = 0.05;
  uint64_t seed = 1;
};

/// Returns how many agents misbehave.
[[nodiscard]] size_t misbehaving(const population_plan& plan);

/// Returns what agent `index` does from `onset` on. Those who misbehave are
/// spread evenly over the indices and take the kinds in turn.
[[nodiscard]] misconduct misconduct_of(const population_plan& plan,
                                       size_t index);

/// The rows of one agent, one after the other.
///
/// Feature i is a level of its own plus a daily season plus an autoregressive
/// process of first order, whose shocks share a part with those of the other
/// features: correlated, with memory and with a rhythm, as counters of services
/// are, and without their bursts. So accuracies here say that a detector works
/// at all, not how well it does on real data.
///
/// The same plan and index give the same rows. Draws are sums of four uniform
/// ones: near enough to normal, with lighter tails, and cheap beside scoring.
class behaviour_model {
public:
  /// Rows of a day.
  static constexpr uint64_t season_rows = 288;

  /// @pre index < plan.agents and plan.features >= 3.
  behaviour_model(const population_plan& plan, size_t index);

  /// Writes the next row. @pre `row.size()` equals the number of features.
  void next(std::span<double> row);

  /// Returns the place of the next row, training rows included, from 0.
  [[nodiscard]] uint64_t position() const {
    return position_;
  }

private:
  double draw();

  misconduct what_;
  uint64_t onset_;
  uint64_t random_;
  uint64_t position_ = 0;
  double phase_;
  /// The process of each feature, deviation 1.
  std::vector<float> process_;
};

} // namespace starling::scale
