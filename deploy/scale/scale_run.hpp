#pragma once

#include "actors/scale/growth_fit.hpp"
#include "deploy/scale/scale_point.hpp"
#include "runtime/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace starling::deploy {

/// How one cost grew.
struct growth_line {
  /// "messages", "processor time", ...
  std::string what;
  /// "flock" or "pairwise".
  std::string who;
  std::vector<scale::cost_point> points;
  /// Over all sizes, and over those of 500 agents and more, where nodes are
  /// full; nothing with fewer than two sizes.
  std::optional<scale::growth> all;
  std::optional<scale::growth> large;
};

/// What was measured.
struct scale_outcome {
  scale_plan plan;
  unsigned processors = 0;
  std::vector<scale_point> flock;
  std::vector<pairwise_point> pairwise;
  std::vector<growth_line> growth;
};

/// Measures all sizes, each in a process of its own, so that none inherits the
/// memory of another. Errors: those of `run_flock`; timed_out,
/// connection_closed (such a process ended).
/// @pre this process has one thread.
[[nodiscard]] result<scale_outcome>
run_scale(const scale_plan& plan,
          const std::function<void(const std::string&)>& tell);

/// Fits what the points say.
[[nodiscard]] std::vector<growth_line>
growth_of(const std::vector<scale_point>& flock,
          const std::vector<pairwise_point>& pairwise);

} // namespace starling::deploy
