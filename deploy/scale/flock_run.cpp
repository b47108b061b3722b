#include "deploy/scale/flock_run.hpp"

#include "actors/bundled.hpp"
#include "deploy/control/ask.hpp"
#include "deploy/node/private_node.hpp"
#include "deploy/scale/flock.hpp"
#include "deploy/scale/process_cost.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/telemetry/counter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <numeric>
#include <utility>

namespace starling::deploy {

namespace {

/// Longer than any size takes.
constexpr auto gate_patience = caf::timespan{std::chrono::hours{23}};

/// Places in the tree follow from hashes of these.
peer_id id_of_node(size_t index) {
  auto result = peer_id{};
  for (size_t i = 0; i < sizeof(index); ++i)
    result.bytes[i] = static_cast<uint8_t>(index >> (8 * i));
  return result;
}

/// Spawns, wires and runs the actors of one size.
class flock_runner {
public:
  flock_runner(const scale_plan& plan, size_t agents, private_node& host)
    : host_{host},
      meter_{host.system()},
      self_{host.system()} {
    birds_.plan = plan;
    birds_.plan.population.agents = agents;
    birds_.agents.resize(agents);
    const auto nodes
      = std::max<size_t>(2, (agents + plan.node_agents - 1) / plan.node_agents);
    birds_.nodes.resize(nodes);
    for (size_t j = 0; j < nodes; ++j) {
      auto& node = birds_.nodes[j];
      node.first = j * agents / nodes;
      node.count = (j + 1) * agents / nodes - node.first;
    }
  }

  result<scale_point> run(const std::function<void(const std::string&)>& tell) {
    if (auto failed = add_bundled_actors(catalog_))
      return control::to_failure(failed);
    const auto before = process_cost::now();
    found_.agents = birds_.agents.size();
    found_.nodes = birds_.nodes.size();
    found_.rows = birds_.plan.population.live_rows - birds_.plan.batch_rows;
    if (auto done = set_up(); !done)
      return done.error();
    const auto spent = process_cost::now() - before;
    found_.setup_ms = spent.wall_s * 1e3;
    found_.setup_cpu_ms = spent.cpu_s * 1e3;
    tell(fmt::format("{} agents: set up in {:.1f} ms", found_.agents,
                     found_.setup_ms));
    const auto trained_from = process_cost::now();
    if (auto done = train(); !done)
      return done.error();
    found_.training_ms = (process_cost::now() - trained_from).wall_s * 1e3;
    tell(fmt::format("{} agents: trained in {:.1f} s", found_.agents,
                     found_.training_ms / 1e3));
    if (auto done = live(); !done)
      return done.error();
    found_.resident_bytes = (process_cost::now() - before).resident_bytes;
    if (auto done = ask_actors(); !done)
      return done.error();
    judge();
    return found_;
  }

private:
  // -- phases -----------------------------------------------------------------

  result<void> set_up() {
    for (auto& node : birds_.nodes) {
      const auto index = static_cast<size_t>(&node - birds_.nodes.data());
      node.id = id_of_node(index);
      if (auto done = spawn_services(node); !done)
        return done;
      for (size_t i = 0; i < node.count; ++i)
        if (auto done = spawn_agent(node.first + i); !done)
          return done;
      using impl = flock_collector_actor::stateful_impl<flock_collector_state>;
      node.collector = host_.system().spawn<impl>(birds_, index);
    }
    return tell_all(birds_.nodes.size(), caf::connect_atom_v);
  }

  result<void> train() {
    return tell_all(birds_.plan.training_nodes, caf::put_atom_v);
  }

  result<void> live() {
    keep_to_processors(birds_.plan.live_processors);
    auto& processed = *host_.system().base_metrics().processed_messages;
    const auto messages = processed.value();
    const auto before = process_cost::now();
    meter_.reset();
    const auto rows = birds_.plan.population.live_rows;
    const auto step = birds_.plan.step_rows();
    const auto at_once = birds_.plan.live_nodes > 0 ? birds_.plan.live_nodes
                                                    : birds_.nodes.size();
    for (auto row = step; row < rows + step; row += step)
      if (auto done = tell_all(at_once, caf::open_atom_v, std::min(row, rows));
          !done)
        return done;
    const auto spent = process_cost::now() - before;
    found_.messages = static_cast<uint64_t>(processed.value() - messages);
    found_.cpu_s = spent.cpu_s;
    found_.live_ms = spent.wall_s * 1e3;
    found_.crossing = meter_.total();
    found_.crossing_by_type = meter_.by_type();
    return {};
  }

  /// Asks all collectors, `at_once` of them at the same time.
  template <class... Content>
  result<void> tell_all(size_t at_once, Content... what) {
    using handle = decltype(self_->request(flock_collector_actor{},
                                           caf::infinite, what...));
    auto open = std::deque<handle>{};
    auto problem = result<void>{};
    auto take = [&] {
      open.front().receive(
        [] {},
        [&](const caf::error& why) { problem = control::to_failure(why); });
      open.pop_front();
    };
    for (auto& node : birds_.nodes) {
      open.push_back(self_->request(node.collector, caf::infinite, what...));
      if (open.size() >= at_once)
        take();
    }
    while (!open.empty())
      take();
    return problem;
  }

  // -- actors -----------------------------------------------------------------

  template <class Handle>
  result<Handle> spawn(const char* type, const caf::settings& options) {
    auto made = catalog_.spawn(type, host_.context(), options);
    if (!made)
      return control::to_failure(made.error());
    return caf::actor_cast<Handle>(*made);
  }

  result<void> spawn_services(flock_node& node) {
    for (size_t i = 0; i < node.count; i += birds_.plan.ring_agents) {
      auto keeper = spawn<zone_keeper_actor>("zone-keeper", {});
      if (!keeper)
        return keeper.error();
      node.rings.push_back({node.first + i,
                            std::min(birds_.plan.ring_agents, node.count - i),
                            *keeper, meter_.handle_of(*keeper)});
    }
    auto options = caf::settings{};
    options["epoch_rows"] = static_cast<int64_t>(birds_.plan.epoch_rows);
    // A bound for nodes that fail; here none does, and all share two cores.
    options["epoch_timeout"] = gate_patience;
    auto tree = spawn<summary_tree_actor>("summary-tree", options);
    if (!tree)
      return tree.error();
    node.tree = std::move(*tree);
    node.distant_tree = meter_.handle_of(node.tree);
    return {};
  }

  result<void> spawn_agent(size_t index) {
    auto& bird = birds_.agents[index];
    const auto& plan = birds_.plan;
    bird.what = scale::misconduct_of(plan.population, index);
    auto playing = caf::settings{};
    playing["batch_rows"] = static_cast<int64_t>(plan.batch_rows);
    playing["window"] = int64_t{1};
    // Requests wait at gates, and no agent is ever lost here.
    playing["request_timeout"] = caf::timespan{0};
    auto agent = spawn<agent_actor>("replay-agent", playing);
    if (!agent)
      return agent.error();
    auto watching = caf::settings{};
    watching["features"] = static_cast<int64_t>(plan.population.features);
    watching["scorer"] = plan.scorer;
    watching["horizon_rows"] = plan.horizon_rows;
    watching["half_life_rows"] = plan.half_life_rows;
    watching["seed"] = static_cast<int64_t>(index + 1);
    auto detector = spawn<detector_actor>("detector", watching);
    if (!detector)
      return detector.error();
    using impl = scale::generated_source_actor::stateful_impl<
      scale::generated_source_state>;
    bird.source = host_.system().spawn<impl>(scale::generated_source_options{
      .plan = plan.population, .index = index, .gate = plan.batch_rows});
    bird.agent = std::move(*agent);
    bird.detector = std::move(*detector);
    meter_.handle_of(bird.agent);
    bird.distant_detector = meter_.handle_of(bird.detector);
    return {};
  }

  // -- what became of it ------------------------------------------------------

  result<void> ask_actors() {
    constexpr auto patience = std::chrono::seconds{30};
    for (const auto& node : birds_.nodes) {
      auto status = control::ask<tree_status>(host_.system(), node.tree,
                                              patience, query_tree{});
      if (!status)
        return status.error();
      found_.epochs = std::max(found_.epochs, status->epochs_closed);
      found_.epochs_incomplete
        = std::max(found_.epochs_incomplete, status->epochs_incomplete);
    }
    const auto stride = birds_.agents.size() / 100 + 1;
    auto bytes = std::vector<double>{};
    for (size_t i = 0; i < birds_.agents.size(); i += stride) {
      auto status = control::ask<detector_status>(
        host_.system(), birds_.agents[i].detector, patience, query_detector{});
      if (!status)
        return status.error();
      bytes.push_back(static_cast<double>(status->state_bytes));
    }
    found_.detector_bytes = std::reduce(bytes.begin(), bytes.end())
                            / static_cast<double>(bytes.size());
    return {};
  }

  void judge() {
    const auto onset = birds_.plan.population.onset;
    auto delays = std::vector<uint64_t>{};
    for (const auto& bird : birds_.agents) {
      const auto guilty = bird.what != scale::misconduct::none;
      const auto from = guilty ? onset : 0;
      const auto first = std::ranges::find_if(
        bird.cut_offs, [&](auto row) { return row >= from; });
      const auto caught = first != bird.cut_offs.end();
      found_.quarantine_actions += bird.cut_offs.size();
      found_.quarantined.note(guilty, caught);
      found_.isolated.note(guilty, bird.isolated && *bird.isolated >= from);
      if (!guilty) {
        found_.false_entries += bird.entries;
        found_.honest_rows_judged += birds_.plan.population.live_rows;
        continue;
      }
      found_.already_cut_off += !caught && bird.cut_off_at_onset ? 1 : 0;
      auto& kind = found_.found_by_kind[name_of(bird.what)];
      kind.first += caught ? 1 : 0;
      ++kind.second;
      if (caught)
        delays.push_back(*first - onset);
    }
    if (!delays.empty()) {
      std::ranges::sort(delays);
      found_.delay_rows = static_cast<double>(delays[delays.size() / 2]);
    }
    auto times = std::vector<double>{};
    for (const auto& node : birds_.nodes) {
      times.insert(times.end(), node.detection_ns.begin(),
                   node.detection_ns.end());
      found_.false_alarms += node.false_alarms;
      found_.honest_rows += node.honest_rows;
    }
    if (times.empty())
      return;
    std::ranges::sort(times);
    found_.detection_us = std::reduce(times.begin(), times.end())
                          / static_cast<double>(times.size()) / 1e3;
    found_.detection_us_p50 = times[times.size() / 2] / 1e3;
    found_.detection_us_p99 = times[times.size() * 99 / 100] / 1e3;
  }

  private_node& host_;
  actor_catalog catalog_;
  traffic_meter meter_;
  caf::scoped_actor self_;
  flock birds_;
  scale_point found_;
};

} // namespace

result<scale_point>
run_flock(const scale_plan& plan, size_t agents,
          const std::function<void(const std::string&)>& tell) {
  auto host = private_node::start();
  if (!host)
    return host.error();
  // Actors refer to it until the process ends.
  auto* runner = new flock_runner{plan, agents, **host};
  auto found = runner->run(tell);
  static_cast<void>(host->release());
  if (found)
    found->generating_cpu_s = generating_cost(plan.population, agents)
                              * static_cast<double>(agents)
                              * static_cast<double>(found->rows);
  return found;
}

} // namespace starling::deploy
