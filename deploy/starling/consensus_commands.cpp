#include "deploy/bench/child_process.hpp"
#include "deploy/consensus/consensus_run.hpp"
#include "deploy/consensus/etcd_cluster.hpp"
#include "deploy/starling/commands.hpp"
#include "messages/message_types.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace starling::cli {

namespace {

namespace fs = std::filesystem;

struct consensus_arguments {
  deploy::consensus_plan plan;
  std::string etcd = "etcd";
  std::string scratch;
  std::string out;
  bool quick = false;
};

void run_measurement(program& shared, const consensus_arguments& input,
                     const std::string& name) {
  if (deploy::thread_count() != 1)
    return shared.fail(
      {ec::wrong_state, fmt::format("experiment {}: this process has threads "
                                    "already; start it by itself",
                                    name)});
  // A process that ended early is told by its silence.
  std::signal(SIGPIPE, SIG_IGN);
  init_message_types();
  auto found
    = deploy::run_consensus(input.plan, [&shared](const std::string& text) {
        if (!shared.as_json)
          fmt::print(stderr, "{}\n", text);
      });
  if (!found)
    return shared.fail(found.error());
  if (!input.out.empty())
    if (auto done = deploy::write_report(input.out, name, *found); !done)
      return shared.fail(done.error());
  shared.show(deploy::to_json(*found), [&](const json&) {
    return deploy::to_text(*found)
           + (input.out.empty()
                ? ""
                : fmt::format(
                    "\nreport     {}\n",
                    (fs::path{input.out} / (name + ".html")).string()));
  });
}

void run_consensus(program& shared, consensus_arguments input) {
  auto& plan = input.plan;
  plan.etcd = deploy::find_program(input.etcd);
  if (plan.etcd.empty())
    return shared.fail(
      {ec::file_error,
       fmt::format("skipped: there is no etcd at '{}'; install Debian's "
                   "etcd-server or give --etcd",
                   input.etcd)});
  if (input.scratch.empty())
    input.scratch = fs::temp_directory_path();
  plan.scratch
    = fs::path{input.scratch} / fmt::format("starling-etcd-{}", ::getpid());
  if (input.quick) {
    plan.verdicts = 30;
    plan.broken_for = std::chrono::milliseconds{2'500};
    plan.until_broken = std::chrono::milliseconds{500};
    plan.period = std::chrono::milliseconds{50};
  }
  run_measurement(shared, input, "consensus");
}

void add_options(CLI::App& command, consensus_arguments& input) {
  command
    .add_option("--verdicts", input.plan.verdicts,
                "Verdicts of a phase without trouble")
    ->check(CLI::Range(1, 5'000));
  command.add_option("--out", input.out, "Folder for CSV, JSON and a report");
}

} // namespace

void add_consensus_commands(CLI::App& experiment, program& shared) {
  auto* containment = experiment.add_subcommand(
    "containment", "Measure the time from a verdict to its effect on five "
                   "nodes");
  auto free = std::make_shared<consensus_arguments>();
  add_options(*containment, *free);
  containment->callback(
    [&shared, free] { run_measurement(shared, *free, "containment"); });
  auto* consensus = experiment.add_subcommand(
    "consensus", "Measure the same with verdicts committed through etcd, and "
                 "with etcd in trouble");
  auto twin = std::make_shared<consensus_arguments>();
  add_options(*consensus, *twin);
  consensus->add_option("--etcd", twin->etcd, "Program or path of etcd");
  consensus->add_option("--scratch", twin->scratch,
                        "Folder for etcd's data; else the system's for "
                        "temporary files");
  consensus->add_flag("--quick", twin->quick, "Few verdicts, short troubles");
  consensus->callback([&shared, twin] { run_consensus(shared, *twin); });
}

} // namespace starling::cli
