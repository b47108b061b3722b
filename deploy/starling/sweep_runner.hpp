#pragma once

#include "actors/experiment/run_table.hpp"
#include "actors/experiment/sweep_file.hpp"
#include "messages/experiment.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace starling::cli {

/// What `starling experiment sweep` was asked for.
struct sweep_request {
  /// Absolute, as the paths below.
  std::filesystem::path file;
  std::filesystem::path data;
  std::filesystem::path out;
  /// Runs at a time.
  size_t jobs = 1;
  /// Run again what is there already.
  bool fresh = false;
  /// Keep only the summary of each run.
  bool lean = false;
};

/// A run that came to nothing.
struct failed_run {
  /// Index into the plan.
  size_t run = 0;
  failure reason;
};

struct sweep_outcome {
  /// Finished runs in the order of the plan.
  experiment::run_table table;
  /// One a run of the table: its report, relative to the sweep's folder.
  std::vector<std::string> links;
  /// Finished before this sweep began.
  size_t reused = 0;
  std::vector<failed_run> failed;
};

/// Runs one experiment; called from `jobs` threads at a time, `worker` counts
/// them from 0. `nodes`: how many nodes the file asks for.
using experiment_runner = std::function<result<void>(
  run_experiment job, size_t nodes, size_t worker)>;

/// Runs what is not finished yet, up to three times where time or another node
/// may help. After `failures_max` failures no other run is
/// begun. `tell` is called with runs done and in all, by one thread at a time.
/// Errors: file_error (data, folder), wrong_state (another sweep uses the
/// folder).
result<sweep_outcome>
run_sweep(const experiment::sweep_plan& plan, const sweep_request& asked,
          const experiment_runner& run,
          const std::function<void(size_t, size_t)>& tell);

/// Runs that may fail before a sweep gives up.
inline constexpr size_t failures_max = 10;

} // namespace starling::cli
