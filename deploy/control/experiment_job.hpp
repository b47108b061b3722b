#pragma once

#include "deploy/control/request.hpp"
#include "messages/experiment.hpp"
#include "messages/spawner.hpp"
#include "runtime/result.hpp"

#include <caf/actor_system.hpp>

#include <functional>

namespace starling::control {

/// Runs an experiment and waits for its end. The orchestrator is spawned by
/// `local`, and ends when this returns. `tell` gets the progress as
/// {"stage", "rows_done", "rows_total"}, in the caller's thread; when it
/// returns false the experiment is given up. Errors: those of the experiment,
/// connection_closed (given up).
[[nodiscard]] result<json>
run_experiment_job(caf::actor_system& system, const spawner_actor& local,
                   run_experiment job,
                   const std::function<bool(const json&)>& tell);

} // namespace starling::control
