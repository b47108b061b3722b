#include "deploy/bench/child_process.hpp"
#include "deploy/scale/scale_report.hpp"
#include "deploy/starling/commands.hpp"
#include "messages/message_types.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace starling::cli {

namespace {

constexpr size_t agents_most = 1'000'000;

struct scale_arguments {
  deploy::scale_plan plan;
  uint64_t pairwise_s = 60;
  std::string out;
};

void run_scale(program& shared, const scale_arguments& input) {
  if (deploy::thread_count() != 1)
    return shared.fail({ec::wrong_state, "experiment scale: this process has "
                                         "threads already; start it by "
                                         "itself"});
  auto plan = input.plan;
  plan.pairwise_max = std::chrono::seconds{input.pairwise_s};
  init_message_types();
  auto found = deploy::run_scale(plan, [&shared](const std::string& text) {
    if (!shared.as_json)
      fmt::print(stderr, "{}\n", text);
  });
  if (!found)
    return shared.fail(found.error());
  if (!input.out.empty())
    if (auto done = deploy::write_report(input.out, *found); !done)
      return shared.fail(done.error());
  shared.show(deploy::to_json(*found), [&](const json&) {
    return deploy::to_text(*found)
           + (input.out.empty()
                ? ""
                : fmt::format("\nreport     {}\n",
                              (std::filesystem::path{input.out} / "scale.html")
                                .string()));
  });
}

} // namespace

void add_scale_command(CLI::App& experiment, program& shared) {
  auto* scale = experiment.add_subcommand(
    "scale", "Measure what 10 to 100000 agents cost, beside the pairwise "
             "method");
  auto input = std::make_shared<scale_arguments>();
  auto& plan = input->plan;
  scale->add_option("--agents", plan.sizes, "How many agents, one run each")
    ->delimiter(',')
    ->check(CLI::Range(size_t{1}, agents_most));
  scale->add_option("--detector", plan.scorer, "Which detector scores");
  scale->add_option("--seed", plan.population.seed, "Of all behaviour");
  scale
    ->add_option("--rows", plan.population.live_rows,
                 "Rows of each agent after training")
    ->check(CLI::Range(60, 100'000));
  scale
    ->add_option("--training", plan.population.training_rows,
                 "Training rows of each agent")
    ->check(CLI::Range(1, 100'000));
  scale
    ->add_option("--horizon", plan.horizon_rows,
                 "Rows that a detector's level speaks about")
    ->check(CLI::Range(1.0, 10'000.0));
  scale
    ->add_option("--half-life", plan.half_life_rows,
                 "Rows after which a past score counts half; long horizons "
                 "need long ones")
    ->check(CLI::Range(64.0, 1e6));
  scale->add_option("--share", plan.population.share, "Who misbehaves")
    ->check(CLI::Range(0.0, 0.5));
  scale->add_option("--nodes-at-once", plan.live_nodes,
                    "Nodes that take their turn in an epoch together; 0: all");
  scale->add_option("--processors", plan.live_processors,
                    "Processors that rows flow on; 0: all");
  scale
    ->add_option("--pairwise-max", input->pairwise_s,
                 "Seconds an epoch of the pairwise method may take")
    ->check(CLI::Range(uint64_t{1}, uint64_t{3600}));
  scale->add_option("--out", input->out, "Folder for CSV, JSON and a report");
  scale->callback([&shared, input] {
    // Half of the rows are from before the onset.
    input->plan.population.onset = input->plan.population.live_rows / 2;
    run_scale(shared, *input);
  });
}

} // namespace starling::cli
