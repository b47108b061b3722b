#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <vector>

// What the plain models cost, without actors, threads or a network.

namespace starling::deploy {

/// Complete handshakes of both sides in one thread, for each hybrid group.
/// Errors: those of `secure_session`.
result<std::vector<figure>> measure_session_model(const bench_plan& plan);

/// Microseconds in which each kind of detector scores one vector of 38
/// features, as many as a server has in the data set that we measure detection
/// on. The rows are normally distributed noise of a fixed seed. Errors: those
/// of `make_scorer`.
result<std::vector<figure>> measure_detectors(const bench_plan& plan);

} // namespace starling::deploy
