#include "deploy/bench/bench.hpp"

#include "deploy/bench/bench_report.hpp"
#include "deploy/bench/caf_pair.hpp"
#include "deploy/bench/child_process.hpp"
#include "deploy/bench/measured_pair.hpp"
#include "deploy/bench/model_figures.hpp"
#include "deploy/bench/node_pair.hpp"
#include "deploy/bench/raw_tcp.hpp"
#include "deploy/bench/relay_figures.hpp"

#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <utility>
#include <vector>

namespace starling::deploy {

namespace {

using measure_fun
  = std::function<result<std::vector<figure>>(const bench_plan&)>;

/// A group of measurements, by the name that `--only` takes. Those of a group
/// run one right after the other, so that they see the same machine.
struct bench_group {
  const char* name;
  std::vector<measure_fun> steps;
};

/// In a process of its own, so that this one stays as it is.
measure_fun alone(result<std::vector<figure>> (*measure)(const bench_plan&)) {
  return [measure](const bench_plan& plan) {
    return measure_alone(
      [&](const figure_sink& sink) {
        if (auto found = measure(plan))
          sink(*found);
        else
          sink.fail(found.error().text);
      },
      plan.patience);
  };
}

std::vector<bench_group> all_groups() {
  return {
    {"messages",
     {measure_raw_tcp, measure_caf_messages, measure_node_messages}},
    {"spawns", {measure_caf_spawns, measure_node_spawns, measure_local_spawns}},
    {"relay", {measure_relay}},
    {"handshakes", {alone(measure_session_model), measure_node_handshakes}},
    {"detectors", {alone(measure_detectors)}},
  };
}

/// Returns the groups to run; none if there is no such name.
std::vector<bench_group> chosen_groups(const std::string& only) {
  auto result = all_groups();
  if (!only.empty())
    std::erase_if(result, [&](const auto& x) { return x.name != only; });
  return result;
}

result<std::vector<figure>> run(const bench_group& group,
                                const bench_plan& plan) {
  auto rounds = std::vector<std::vector<figure>>{};
  for (auto i = size_t{0}; i < plan.rounds; ++i) {
    auto& round = rounds.emplace_back();
    for (const auto& step : group.steps) {
      auto found = step(plan);
      if (!found)
        return found.error();
      std::move(found->begin(), found->end(), std::back_inserter(round));
    }
    relate_to_raw_tcp(round);
    fmt::print(stderr, "{}: round {} of {}\n", group.name, i + 1, plan.rounds);
  }
  return medians_of(rounds);
}

int refuse(const std::string& text) {
  fmt::print(stderr, "starling bench: {}\n", text);
  return 2;
}

} // namespace

int run_bench(const bench_options& opts) {
  const auto groups = chosen_groups(opts.only);
  if (groups.empty()) {
    auto known = std::string{};
    for (const auto& group : all_groups())
      known += std::string{known.empty() ? "" : ", "} + group.name;
    return refuse(fmt::format("--only {}: there are {}", opts.only, known));
  }
  if (thread_count() != 1)
    return refuse("this process has threads already; start it by itself");
  if (opts.cpu)
    if (auto bound = bind_to_processor(*opts.cpu); !bound)
      return refuse(bound.error().text);
  const auto plan = opts.quick ? quick_plan() : thorough_plan();
  auto figures = std::vector<figure>{};
  auto failed = false;
  for (const auto& group : groups) {
    auto found = run(group, plan);
    if (found) {
      std::move(found->begin(), found->end(), std::back_inserter(figures));
    } else {
      failed = true;
      fmt::print(stderr, "starling bench: {}: {}\n", group.name,
                 found.error().text);
    }
  }
  const auto how
    = bench_conditions{opts.quick, opts.cpu ? std::to_string(*opts.cpu) : "any",
                       plan.rounds, plan.threads};
  fmt::print("{}", opts.json ? to_json(how, figures) : to_table(how, figures));
  return failed ? 1 : 0;
}

} // namespace starling::deploy
