#include "deploy/scale/scale_run.hpp"

#include "deploy/bench/child_process.hpp"
#include "deploy/scale/flock_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

using nlohmann::json;
using tell_fun = std::function<void(const std::string&)>;

/// Sizes from which on all nodes are full.
constexpr double large = 500.0;

/// Runs a task in another process; its last line is the result.
result<json> run_apart(const std::function<result<json>(const tell_fun&)>& task,
                       std::chrono::seconds patience, const tell_fun& tell) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  auto child = child_process::start([&task](const auto& say) {
    const auto found
      = task([&say](const std::string& text) { say("t" + text + "\n"); });
    if (found)
      say("r" + found->dump() + "\n");
    else
      say(fmt::format("f{}\t{}\n", static_cast<int>(found.error().code),
                      found.error().text));
  });
  if (!child)
    return child.error();
  for (;;) {
    auto line = child->next_line(deadline);
    if (!line)
      return line.error();
    const auto rest = line->substr(std::min<size_t>(1, line->size()));
    if (line->starts_with('t'))
      tell(rest);
    else if (line->starts_with('r'))
      return json::parse(rest);
    else if (line->starts_with('f'))
      return failure{static_cast<ec>(std::stoi(rest)),
                     rest.substr(rest.find('\t') + 1)};
  }
}

std::optional<scale::growth>
fit_from(const std::vector<scale::cost_point>& points, double least) {
  auto chosen = std::vector<scale::cost_point>{};
  std::ranges::copy_if(points, std::back_inserter(chosen), [&](const auto& p) {
    return p.size >= least && p.cost > 0.0;
  });
  if (auto fitted = scale::fit_growth(chosen))
    return *fitted;
  return std::nullopt;
}

growth_line line_of(std::string what, std::string who,
                    std::vector<scale::cost_point> points) {
  auto line = growth_line{std::move(what), std::move(who), std::move(points),
                          std::nullopt, std::nullopt};
  line.all = fit_from(line.points, 0.0);
  line.large = fit_from(line.points, large);
  return line;
}

} // namespace

std::vector<growth_line>
growth_of(const std::vector<scale_point>& flock,
          const std::vector<pairwise_point>& pairwise) {
  using figure = double (*)(const scale_point&);
  const std::pair<const char*, figure> figures[] = {
    {"messages", [](const auto& x) { return double(x.messages); }},
    {"messages between nodes",
     [](const auto& x) { return double(x.crossing.messages); }},
    {"bytes between nodes",
     [](const auto& x) { return double(x.crossing.bytes); }},
    {"processor time", [](const auto& x) { return x.cpu_s; }},
    {"memory", [](const auto& x) { return double(x.resident_bytes); }},
    {"set-up", [](const auto& x) { return x.setup_ms; }},
  };
  auto result = std::vector<growth_line>{};
  for (const auto& [what, cost] : figures) {
    auto points = std::vector<scale::cost_point>{};
    for (const auto& x : flock)
      points.push_back({static_cast<double>(x.agents), cost(x)});
    result.push_back(line_of(what, "flock", std::move(points)));
  }
  auto times = std::vector<scale::cost_point>{};
  auto messages = std::vector<scale::cost_point>{};
  for (const auto& x : pairwise) {
    messages.push_back({static_cast<double>(x.agents), x.messages});
    if (x.done == 1.0)
      times.push_back({static_cast<double>(x.agents), x.cpu_s});
  }
  result.push_back(line_of("messages", "pairwise", std::move(messages)));
  result.push_back(line_of("processor time", "pairwise", std::move(times)));
  return result;
}

result<scale_outcome> run_scale(const scale_plan& plan, const tell_fun& tell) {
  auto outcome = scale_outcome{};
  outcome.plan = plan;
  outcome.processors = std::thread::hardware_concurrency();
  auto given_up = false;
  for (auto agents : plan.sizes) {
    auto found = run_apart(
      [&](const auto& say) -> result<json> {
        auto point = run_flock(plan, agents, say);
        if (!point)
          return point.error();
        return to_json(*point);
      },
      plan.patience, tell);
    if (!found)
      return found.error();
    outcome.flock.push_back(scale_point_of(*found));
    tell(fmt::format("{} agents: judged {} rows each in {:.1f} s", agents,
                     outcome.flock.back().rows,
                     outcome.flock.back().live_ms / 1e3));
    // It only grows.
    if (given_up)
      continue;
    auto compared = run_apart(
      [&](const auto&) -> result<json> {
        return to_json(run_pairwise(plan, agents));
      },
      plan.patience, tell);
    if (!compared)
      return compared.error();
    outcome.pairwise.push_back(pairwise_point_of(*compared));
    given_up = outcome.pairwise.back().done < 1.0;
    tell(fmt::format("{} agents: compared pairwise, {:.3g} s an epoch{}",
                     agents, outcome.pairwise.back().cpu_s,
                     given_up ? ", given up" : ""));
  }
  outcome.growth = growth_of(outcome.flock, outcome.pairwise);
  return outcome;
}

} // namespace starling::deploy
