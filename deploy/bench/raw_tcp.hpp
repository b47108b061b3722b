#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <vector>

namespace starling::deploy {

/// Measures two processes that talk through a TCP connection on loopback by
/// blocking calls, one message a call: what this machine allows. Errors:
/// unreachable, timed_out.
/// @pre this process has one thread.
result<std::vector<figure>> measure_raw_tcp(const bench_plan& plan);

} // namespace starling::deploy
