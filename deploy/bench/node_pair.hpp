#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"
#include "runtime/result.hpp"

#include <vector>

// What is measured between two secured nodes, each in a process of its own.
// Errors of all: those of `measure_pair`.
// @pre of all: this process has one thread.

namespace starling::deploy {

/// Round trips and one-way messages.
result<std::vector<figure>> measure_node_messages(const bench_plan& plan);

/// Spawning on the other node, until the first answer of the new actor.
result<std::vector<figure>> measure_node_spawns(const bench_plan& plan);

/// Dialling until the other node's services can be used, one after the other.
result<std::vector<figure>> measure_node_handshakes(const bench_plan& plan);

/// Spawning on one's own node, by its spawner and by CAF alone.
result<std::vector<figure>> measure_local_spawns(const bench_plan& plan);

} // namespace starling::deploy
