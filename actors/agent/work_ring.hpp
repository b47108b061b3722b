#pragma once

#include "actors/agent/zone_timeline.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace starling::agent {

/// Who takes an agent's work: the next agent of a ring that is not cut off.
///
/// Every agent decides that by itself from what it knows of zones. The ring is
/// walked to its end, so work stops only where everyone else is cut off. An
/// agent that is cut off itself does not notice here: it sends as always, and
/// the others refuse it.
class work_ring {
public:
  /// A stretch of rows whose work goes to the same agent.
  struct run {
    uint64_t first = 0;
    uint32_t rows = 0;
    /// Index of the agent that takes it; nothing if nobody is left.
    std::optional<size_t> target;
    /// Whether that is the next agent of the ring.
    bool direct = false;
  };

  /// @pre `self < names.size()`.
  work_ring(std::vector<std::string> names, size_t self);

  /// The agent does not answer; it counts as cut off until the ring is made
  /// anew.
  void note_gone(size_t member);

  /// Returns the longest run that begins at `first`, has at most `rows_max`
  /// rows and ends before `end`. @pre `first < end`, `rows_max > 0`.
  [[nodiscard]] run next_run(const zone_timeline& zones, uint64_t first,
                             uint64_t end, uint32_t rows_max) const;

  /// Returns the rows of [first, first + rows) at which that agent is cut off.
  [[nodiscard]] static uint32_t refused_rows(const zone_timeline& zones,
                                             const std::string& sender,
                                             uint64_t first, uint32_t rows);

  [[nodiscard]] const std::vector<std::string>& names() const {
    return names_;
  }

  [[nodiscard]] size_t self() const {
    return self_;
  }

private:
  [[nodiscard]] std::optional<size_t> target_at(const zone_timeline& zones,
                                                uint64_t row) const;

  std::vector<std::string> names_;
  size_t self_;
  std::vector<bool> gone_;
};

} // namespace starling::agent
