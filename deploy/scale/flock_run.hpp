#pragma once

#include "deploy/scale/scale_point.hpp"
#include "runtime/result.hpp"

#include <functional>
#include <string>

namespace starling::deploy {

/// Runs a flock of that size in this process and says what it cost. Blocks;
/// what is left of its actors ends with the process. `tell` takes what is being
/// done, for people. Errors: those of the actors.
[[nodiscard]] result<scale_point>
run_flock(const scale_plan& plan, size_t agents,
          const std::function<void(const std::string&)>& tell);

/// Compares the same agents by the pairwise method, one epoch after their
/// onset. Blocks.
[[nodiscard]] pairwise_point run_pairwise(const scale_plan& plan,
                                          size_t agents);

} // namespace starling::deploy
