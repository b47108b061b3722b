#pragma once

#include "deploy/starling/program.hpp"

namespace starling::cli {

// Each adds a group of commands to the command line; see the file of that name.

/// up, down
void add_cluster_commands(CLI::App& app, program& shared);
/// node
void add_node_command(CLI::App& app, program& shared);
/// status, members, peers, actors, types, route
void add_query_commands(CLI::App& app, program& shared);
/// spawn, call
void add_actor_commands(CLI::App& app, program& shared);
/// experiment run
void add_experiment_commands(CLI::App& app, program& shared);
/// byzantine, a subcommand of experiment
void add_byzantine_command(CLI::App& experiment, program& shared);
/// experiment scale
void add_scale_command(CLI::App& experiment, program& shared);
/// experiment containment, experiment consensus
void add_consensus_commands(CLI::App& experiment, program& shared);
/// experiment sweep, experiment compare, experiment inject
void add_sweep_commands(CLI::App& experiment, program& shared);
/// plugin new, plugin list
void add_plugin_commands(CLI::App& app, program& shared);
/// identity show, identity new, token new, revoke
void add_identity_commands(CLI::App& app, program& shared);
/// why, release
void add_trust_commands(CLI::App& app, program& shared);
/// audit verify
void add_audit_commands(CLI::App& app, program& shared);
/// bench
void add_bench_command(CLI::App& app, program& shared);
/// version, completion
void add_other_commands(CLI::App& app, program& shared);

} // namespace starling::cli
