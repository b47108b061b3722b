#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <vector>

// What a user would have without Starling: two processes of plain CAF, whose
// protocol runs on bare sockets, without encryption, authentication or
// back-pressure. They live for the length of a measurement, listen on loopback
// only and are no nodes. Errors of both: those of `measure_pair`.
// @pre of both: this process has one thread.

namespace starling::deploy {

/// Round trips and one-way messages.
result<std::vector<figure>> measure_caf_messages(const bench_plan& plan);

/// CAF's remote spawning, until the first answer of the new actor.
result<std::vector<figure>> measure_caf_spawns(const bench_plan& plan);

} // namespace starling::deploy
