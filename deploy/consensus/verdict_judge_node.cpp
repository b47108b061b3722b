// The node that watches agents and comes to verdicts.

#include "actors/bundled.hpp"
#include "actors/scale/behaviour_model.hpp"
#include "deploy/bench/bench_plan.hpp"
#include "deploy/consensus/containment_guard.hpp"
#include "deploy/consensus/verdict_judge.hpp"
#include "deploy/consensus/verdict_nodes.hpp"
#include "deploy/control/ask.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

constexpr auto patience = std::chrono::seconds{30};
/// Rows before the ones that count: few, since each may raise a false alarm.
constexpr uint64_t calm_rows = 4;
/// A shift of six deviations that has raised no alarm by then is missed.
constexpr uint64_t wrong_rows = 8;
/// What is on its way when the last verdict has fallen.
constexpr auto settling = std::chrono::milliseconds{300};
constexpr auto commits_patience = std::chrono::seconds{15};
constexpr auto look_interval = std::chrono::milliseconds{20};

/// One agent of a phase and its detector.
struct suspect {
  std::string name;
  detector_actor detector;
  std::optional<scale::behaviour_model> behaviour;
  uint64_t row_at = 0;
};

/// Runs phases on one node.
class judge_node {
public:
  judge_node(const cluster_member::key_ptr& key,
             const std::vector<guard_place>& guards,
             const std::vector<uint16_t>& etcd_ports,
             const child_process::say_fun& say)
    : catalog_{bundled()},
      member_{key, ids_of(guards), catalog_, false},
      say_{say} {
    if (!etcd_ports.empty())
      committer_ = std::make_unique<verdict_committer>(etcd_ports);
  }

  result<void> connect(const std::vector<guard_place>& guards) {
    for (const auto& guard : guards)
      for (auto* mode : {"free", "consensus"}) {
        auto made = member_.spawn_at(guard.address, guard.id,
                                     std::string{mode} + "-guard");
        if (!made)
          return made.error();
        guards_[mode].push_back(
          caf::actor_cast<containment_guard_actor>(*made));
      }
    return {};
  }

  result<void> run(const phase_order& order) {
    if (order.consensus && !committer_)
      return failure{ec::wrong_state, "no etcd to commit by"};
    // Calm rows may raise alarms too.
    const auto committed = committer_ ? committer_->commits().size() : 0;
    plan_.agents = 4 * order.verdicts;
    auto suspects = std::vector<suspect>(order.verdicts);
    for (size_t i = 0; i < suspects.size(); ++i)
      suspects[i].name = fmt::format("{}-{}", order.name, i);
    auto alarms = std::make_shared<alarm_times>();
    auto listener = spawn_keepers(order, suspects, alarms);
    if (!listener)
      return listener.error();
    for (auto& x : suspects)
      if (auto done = train(x, *listener); !done)
        return done;
    const auto sent = member_.bytes_sent();
    misbehave(order, suspects, *alarms);
    if (order.consensus)
      await_commits(suspects, *alarms, committed);
    std::this_thread::sleep_for(settling);
    say_(fmt::format("sent {}\n", member_.bytes_sent() - sent));
    report(order, suspects, *alarms, committed);
    for (auto& x : suspects)
      caf::anon_send_exit(x.detector, caf::exit_reason::user_shutdown);
    return {};
  }

private:
  static std::shared_ptr<const actor_catalog> bundled() {
    auto made = std::make_shared<actor_catalog>();
    // Their names differ, so nothing can go wrong.
    [[maybe_unused]] auto failed = add_bundled_actors(*made);
    return made;
  }

  static std::vector<peer_id> ids_of(const std::vector<guard_place>& guards) {
    auto result = std::vector<peer_id>{};
    for (const auto& guard : guards)
      result.push_back(guard.id);
    return result;
  }

  result<score_listener_actor>
  spawn_keepers(const phase_order& order, const std::vector<suspect>& suspects,
                const std::shared_ptr<alarm_times>& alarms) {
    auto keepers = std::vector<score_listener_actor>{};
    auto& system = member_.system();
    if (order.free) {
      auto made = catalog_->spawn("zone-keeper", member_.context(), {});
      if (!made)
        return control::to_failure(made.error());
      const auto keeper = caf::actor_cast<zone_keeper_actor>(*made);
      auto list = watch_agents{};
      for (const auto& x : suspects)
        list.agents.push_back({x.name, {}});
      if (auto done = control::ask<void>(system, keeper, patience, list); !done)
        return done.error();
      for (const auto& guard : guards_["free"])
        caf::anon_send(keeper, caf::subscribe_atom_v,
                       caf::actor_cast<zone_listener_actor>(guard));
      keepers.push_back(caf::actor_cast<score_listener_actor>(keeper));
    }
    if (order.consensus) {
      auto names = std::vector<std::string>{};
      for (const auto& x : suspects)
        names.push_back(x.name);
      using impl = score_listener_actor::stateful_impl<consensus_keeper_state>;
      keepers.push_back(system.spawn<impl>(std::move(names), *committer_));
    }
    using impl = score_listener_actor::stateful_impl<alarm_recorder_state>;
    return score_listener_actor{system.spawn<impl>(alarms, std::move(keepers))};
  }

  result<void> train(suspect& x, const score_listener_actor& listener) {
    auto options = caf::settings{};
    options["features"] = static_cast<int64_t>(plan_.features);
    options["seed"] = int64_t{1};
    auto made = catalog_->spawn("detector", member_.context(), options);
    if (!made)
      return control::to_failure(made.error());
    x.detector = caf::actor_cast<detector_actor>(*made);
    auto start = detector_start{};
    start.subject = x.name;
    start.listeners = {listener};
    if (auto done
        = control::ask<void>(member_.system(), x.detector, patience, start);
        !done)
      return done;
    // With everybody misbehaving, every fourth one shifts.
    const auto digits = x.name.substr(x.name.rfind('-') + 1);
    x.behaviour.emplace(plan_, 4 * std::stoul(digits));
    while (x.behaviour->position() < plan_.training_rows)
      if (auto done = show(x, 128); !done)
        return done;
    return show(x, calm_rows);
  }

  /// Shows rows to the detector; returns when its listener has heard.
  result<void> show(suspect& x, uint64_t rows) {
    auto batch = behaviour_rows{};
    batch.first = x.behaviour->position();
    batch.features = static_cast<uint32_t>(plan_.features);
    batch.training = batch.first < plan_.training_rows;
    batch.values.resize(rows * plan_.features);
    const auto values = std::span{batch.values};
    for (uint64_t i = 0; i < rows; ++i)
      x.behaviour->next(values.subspan(i * plan_.features, plan_.features));
    x.row_at = now_ns();
    auto taken = control::ask<rows_taken>(member_.system(), x.detector,
                                          patience, std::move(batch));
    if (!taken)
      return taken.error();
    return {};
  }

  void misbehave(const phase_order& order, std::vector<suspect>& suspects,
                 const alarm_times& alarms) {
    const auto began = std::chrono::steady_clock::now();
    say_(fmt::format("began {}\n", now_ns()));
    const auto period = std::chrono::milliseconds{order.period_ms};
    for (size_t i = 0; i < suspects.size(); ++i) {
      std::this_thread::sleep_until(began + static_cast<int>(i) * period);
      auto& x = suspects[i];
      // A false alarm on calm rows: not one to measure.
      if (alarms.of(x.name) > 0) {
        x.row_at = 0;
        continue;
      }
      for (uint64_t row = 0; row < wrong_rows && alarms.of(x.name) == 0; ++row)
        if (!show(x, 1))
          break;
    }
  }

  void await_commits(const std::vector<suspect>& suspects,
                     const alarm_times& alarms, size_t before) {
    const auto wanted = static_cast<size_t>(std::ranges::count_if(
      suspects, [&](const auto& x) { return alarms.of(x.name) > 0; }));
    const auto deadline = std::chrono::steady_clock::now() + commits_patience;
    while (committer_->commits().size() < before + wanted
           && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(look_interval);
  }

  void report(const phase_order& order, const std::vector<suspect>& suspects,
              const alarm_times& alarms, size_t committed) {
    auto text = std::string{};
    for (const auto& x : suspects)
      if (x.row_at > 0)
        text += fmt::format("verdict {} {} {}\n", x.name, x.row_at,
                            alarms.of(x.name));
    if (order.consensus) {
      const auto commits = committer_->commits();
      for (auto i = committed; i < commits.size(); ++i)
        text
          += fmt::format("commit {} {}\n", commits[i].subject, commits[i].at);
    }
    for (const auto& [mode, guards] : guards_)
      if (mode == "free" ? order.free : order.consensus)
        text += refusals(mode, guards, suspects, alarms);
    say_(text + "done\n");
  }

  /// Sends work in the name of all who were cut off to all guards.
  std::string refusals(const std::string& mode,
                       const std::vector<containment_guard_actor>& guards,
                       const std::vector<suspect>& suspects,
                       const alarm_times& alarms) {
    auto refused = size_t{0};
    auto sent = size_t{0};
    for (const auto& x : suspects) {
      if (alarms.of(x.name) == 0)
        continue;
      for (const auto& guard : guards) {
        auto receipt = control::ask<work_receipt>(
          member_.system(), guard, patience, work_items{x.name, 0, 1});
        ++sent;
        refused += receipt && receipt->refused == 1 ? 1 : 0;
      }
    }
    return fmt::format("refused {} {} {}\n", mode, refused, sent);
  }

  std::shared_ptr<const actor_catalog> catalog_;
  /// Actors use it until their system has ended.
  std::unique_ptr<verdict_committer> committer_;
  cluster_member member_;
  child_process::say_fun say_;
  std::map<std::string, std::vector<containment_guard_actor>> guards_;
  scale::population_plan plan_{
    .training_rows = 1'024, .live_rows = 64, .onset = calm_rows, .share = 1.0};
};

} // namespace

std::string to_line(const phase_order& x) {
  const auto* modes = x.free && x.consensus ? "both"
                      : x.free              ? "free"
                                            : "consensus";
  return fmt::format("phase {} {} {} {}", x.name, modes, x.verdicts,
                     x.period_ms);
}

result<phase_order> phase_order_of(const std::string& line) {
  auto in = std::istringstream{line};
  auto word = std::string{};
  auto modes = std::string{};
  auto result = phase_order{};
  in >> word >> result.name >> modes >> result.verdicts >> result.period_ms;
  if (!in || word != "phase"
      || (modes != "free" && modes != "consensus" && modes != "both"))
    return failure{ec::malformed_input, "no phase: " + line};
  result.free = modes != "consensus";
  result.consensus = modes != "free";
  return result;
}

void serve_judge(const cluster_member::key_ptr& key,
                 const std::vector<guard_place>& guards,
                 const std::vector<uint16_t>& etcd_ports,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen) {
  auto node = judge_node{key, guards, etcd_ports, say};
  if (auto done = node.connect(guards); !done)
    return say("failed " + done.error().text + "\n");
  say("ready\n");
  while (const auto command = listen()) {
    const auto order = phase_order_of(*command);
    auto done = order ? node.run(*order) : result<void>{order.error()};
    if (!done)
      return say("failed " + done.error().text + "\n");
  }
  // Without destructors: whoever asked is gone.
  ::_exit(0);
}

} // namespace starling::deploy
