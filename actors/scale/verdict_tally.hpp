#pragma once

#include <cstdint>

namespace starling::scale {

/// How right verdicts on agents were. An agent counts once, however often it
/// was judged.
struct verdict_tally {
  /// Agents that misbehave, and those of them that were found after they began.
  uint64_t guilty = 0;
  uint64_t found = 0;
  uint64_t honest = 0;
  /// Honest agents that were accused at any time.
  uint64_t accused = 0;

  /// Takes one agent.
  void note(bool is_guilty, bool verdict);

  /// Share of misbehaving agents that were found; NaN if there are none.
  [[nodiscard]] double recall() const;

  /// Share of those accused that misbehave; NaN if nobody was accused.
  [[nodiscard]] double precision() const;

  /// Share of all agents that were judged rightly; NaN if there are none.
  [[nodiscard]] double accuracy() const;
};

} // namespace starling::scale
