#pragma once

#include "actors/scale/behaviour_model.hpp"

#include <cstddef>
#include <cstdint>

namespace starling::deploy {

/// What this process has used so far.
struct process_cost {
  double wall_s = 0.0;
  /// All threads, in the program and in the kernel.
  double cpu_s = 0.0;
  uint64_t resident_bytes = 0;

  static process_cost now();
};

/// What was used in between; memory that shrank counts as none.
[[nodiscard]] process_cost operator-(const process_cost& x,
                                     const process_cost& y);

/// Returns the processor time of this thread, in seconds.
[[nodiscard]] double thread_cpu_s();

/// Keeps all threads that this process has now to that many processors, the
/// last ones that it may use; to all of those with 0 or as many as there are.
/// Nothing happens where the system does not let it.
void keep_to_processors(size_t count);

/// Returns the processor time in seconds that one row of a population takes to
/// be made up, measured.
[[nodiscard]] double generating_cost(const scale::population_plan& plan,
                                     size_t agents);

} // namespace starling::deploy
