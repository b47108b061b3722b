#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <vector>

namespace starling::deploy {

/// Three nodes, each in a process of its own, of which only the one in the
/// middle listens: round trips to the neighbour, round trips through it to the
/// third node, and the difference, which is what the hop costs. Errors: those
/// of `measure_pair`.
/// @pre this process has one thread.
result<std::vector<figure>> measure_relay(const bench_plan& plan);

} // namespace starling::deploy
