#include "deploy/control/experiment_job.hpp"

#include "deploy/control/ask.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace starling::control {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto spawn_timeout = std::chrono::seconds{10};
/// News are told at most that often; the last word counts.
constexpr auto news_interval = std::chrono::milliseconds{200};

/// What the actors say, for a thread that is no actor.
class news_box {
public:
  void put(const experiment_progress& news) {
    auto guard = std::lock_guard{mutex_};
    news_ = news;
    changed_.notify_one();
  }

  void finish(result<json> answer) {
    auto guard = std::lock_guard{mutex_};
    answer_.emplace(std::move(answer));
    changed_.notify_one();
  }

  /// Waits for the answer, or for news that are told from `earliest` on; only
  /// the newest are kept.
  std::optional<result<json>> wait(steady::time_point earliest,
                                   std::optional<experiment_progress>& news) {
    auto lock = std::unique_lock{mutex_};
    changed_.wait_until(lock, earliest, [this] { return answer_.has_value(); });
    changed_.wait(lock, [this] { return answer_ || news_; });
    news = std::exchange(news_, std::nullopt);
    return answer_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<experiment_progress> news_;
  std::optional<result<json>> answer_;
};

json to_json(const experiment_outcome& x) {
  auto methods = json::array();
  for (const auto& method : x.methods)
    methods.push_back({{"name", method.name},
                       {"auc_roc", method.auc_roc},
                       {"auc_pr", method.auc_pr},
                       {"best_f1", method.best_f1},
                       {"auc_pr_smooth", method.auc_pr_smooth},
                       {"micros_per_vector", method.micros_per_vector}});
  using seconds = std::chrono::duration<double>;
  return {{"name", x.name},
          {"out", x.out_dir},
          {"report", x.report},
          {"entities", x.entities},
          {"rows", x.rows},
          {"duration_s", seconds{x.duration}.count()},
          {"methods", std::move(methods)},
          {"zone_changes", x.zone_changes},
          {"quarantines", x.quarantines},
          {"isolations", x.isolations},
          {"recoveries", x.recoveries},
          {"false_alarms", x.false_alarms},
          {"work",
           {{"delivered", x.delivered},
            {"rerouted", x.rerouted},
            {"refused", x.refused},
            {"dropped", x.dropped}}},
          {"restarts", x.restarts},
          {"nodes",
           {{"at_end", x.nodes},
            {"joined", x.nodes_joined},
            {"lost", x.nodes_lost}}}};
}

/// Starts the run, and hands on what is said about it.
caf::behavior follow(caf::event_based_actor* self, experiment_actor runner,
                     const run_experiment& job,
                     const std::shared_ptr<news_box>& box) {
  self->send(runner, caf::subscribe_atom_v,
             caf::actor_cast<experiment_listener_actor>(self));
  self->request(runner, caf::infinite, job)
    .then(
      [self, box](const experiment_outcome& outcome) {
        box->finish(result<json>{to_json(outcome)});
        self->quit();
      },
      [self, box](const caf::error& reason) {
        box->finish(to_failure(reason));
        self->quit();
      });
  return {[box](const experiment_progress& news) { box->put(news); }};
}

} // namespace

result<json> run_experiment_job(caf::actor_system& system,
                                const spawner_actor& local, run_experiment job,
                                const std::function<bool(const json&)>& tell) {
  auto wanted = spawn_request{
    "experiment", "", {}, system.message_types<experiment_actor>()};
  auto spawned = ask<caf::strong_actor_ptr>(system, local, spawn_timeout,
                                            std::move(wanted));
  if (!spawned)
    return spawned.error();
  auto runner = caf::actor_cast<experiment_actor>(*spawned);
  auto box = std::make_shared<news_box>();
  system.spawn(follow, runner, std::move(job), box);
  auto answer = std::optional<result<json>>{};
  auto next = steady::now();
  auto wanted_still = true;
  while (!answer) {
    auto news = std::optional<experiment_progress>{};
    answer = box->wait(next, news);
    if (answer || !news || !wanted_still)
      continue;
    next = steady::now() + news_interval;
    wanted_still = tell({{"stage", news->stage},
                         {"rows_done", news->rows_done},
                         {"rows_total", news->rows_total}});
    if (!wanted_still)
      caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
  }
  caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
  if (!wanted_still)
    return failure{ec::connection_closed, "whoever asked for it is gone"};
  return *answer;
}

} // namespace starling::control
