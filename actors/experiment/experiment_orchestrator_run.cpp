// One experiment from its file to its report.

#include "actors/experiment/experiment_file.hpp"
#include "actors/experiment/experiment_orchestrator.hpp"
#include "actors/experiment/report.hpp"
#include "actors/experiment/summary_json.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace starling::experiment {

namespace {

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

caf::error check_nodes(const std::vector<experiment_node>& nodes) {
  if (nodes.empty() || nodes.size() > troupe_nodes_max)
    return caf::make_error(ec::invalid_option,
                           fmt::format("experiment: {} nodes; give 1 to {}",
                                       nodes.size(), troupe_nodes_max));
  auto ids = std::set<peer_id>{};
  for (const auto& node : nodes)
    if (!node.spawner || !ids.insert(node.id).second)
      return caf::make_error(ec::invalid_option,
                             fmt::format("experiment: node '{}' has no spawner "
                                         "or the id of another one",
                                         node.name));
  return {};
}

} // namespace

// -- the run ------------------------------------------------------------------

caf::error experiment_orchestrator_state::prepare(run_experiment& msg,
                                                  run& made) const {
  if (auto failed = check_nodes(msg.nodes))
    return failed;
  auto options = parse_experiment(msg.text, msg.file);
  if (!options)
    return to_error(options.error());
  made.options = std::move(*options);
  made.file = msg.file;
  made.data = msg.data_dir.empty() ? made.options.data
                                   : std::filesystem::path{msg.data_dir};
  made.out = msg.out_dir;
  if (made.data.empty())
    return caf::make_error(ec::invalid_option,
                           fmt::format("{}: no data folder; set 'data' or give "
                                       "--data",
                                       msg.file));
  if (made.out.empty())
    return caf::make_error(ec::invalid_option,
                           "experiment: no folder for the results");
  return {};
}

void experiment_orchestrator_state::assemble(std::vector<std::string> entities,
                                             run_experiment& msg) {
  run_->started = self_->clock().now();
  run_->moved = run_->started;
  if (node_.wall_clock)
    run_->started_wall = node_.wall_clock();
  run_->rows_streamed.resize(entities.size());
  run_->found.emplace(entities, run_->options.baselines.size());
  const auto recruits = msg.recruit;
  auto opts = troupe_options{};
  opts.experiment = run_->options;
  opts.data = run_->data;
  opts.entities = std::move(entities);
  opts.nodes = std::move(msg.nodes);
  opts.request_timeout = opts_.request_timeout;
  opts.heal_delay = opts_.heal_delay;
  opts.restarts_max = opts_.restarts_max;
  auto events = troupe_events{};
  events.streaming = [this] {
    run_->stage = "running";
    run_->moved = self_->clock().now();
    say_progress(true);
  };
  // Not at once: the troupe is still busy when it says so.
  events.failed = [this, now = runs_](caf::error reason) {
    self_->run_delayed(caf::timespan{0}, [this, now, reason] {
      if (run_ && now == runs_)
        fail(reason);
    });
  };
  events.noted = [this](event_note event) { note_event(std::move(event)); };
  run_->actors
    = std::make_shared<troupe>(self_, std::move(opts), std::move(events));
  say_progress(true);
  watch_for_stalls();
  run_->actors->begin();
  if (recruits)
    recruit();
}

void experiment_orchestrator_state::recruit() {
  auto events = recruiter_events{};
  events.wants = [this](const peer_id& id) {
    return run_ && run_->stage != "writing" && run_->actors->wants_node(id);
  };
  events.found
    = [this](experiment_node node) { run_->actors->add_node(std::move(node)); };
  run_->recruits = std::make_shared<recruiter>(
    self_, node_,
    recruiter_options{opts_.recruit_interval, opts_.request_timeout},
    std::move(events));
  run_->recruits->begin();
}

void experiment_orchestrator_state::watch_for_stalls() {
  auto limit = opts_.stall_timeout;
  if (run_->options.rate > 0.0)
    limit += std::chrono::duration_cast<caf::timespan>(
      std::chrono::duration<double>{4.0 / run_->options.rate});
  self_->run_delayed(limit / 4, [this, limit, now = runs_] {
    if (!run_ || now != runs_)
      return;
    if (self_->clock().now() - run_->moved < limit)
      watch_for_stalls();
    else
      fail(caf::make_error(
        ec::timed_out,
        fmt::format(
          "experiment '{}': nothing moved for {} s; {}", run_->options.name,
          std::chrono::duration_cast<std::chrono::seconds>(limit).count(),
          run_->actors->waiting_text())));
  });
}

void experiment_orchestrator_state::finish_if_done() {
  if (run_->stage != "running" || !run_->actors->all_finished())
    return;
  for (size_t i = 0; i < run_->rows_streamed.size(); ++i)
    if (run_->found->rows(i) != run_->actors->live_rows(i))
      return;
  run_->stage = "writing";
  say_progress(true);
  // One more, so that it is not written before all are asked.
  run_->answers_missing = 1;
  fetch_all_labels();
  ask_trees();
  note_answer();
}

void experiment_orchestrator_state::note_answer() {
  if (--run_->answers_missing == 0)
    write();
}

void experiment_orchestrator_state::fetch_all_labels() {
  run_->labels.resize(run_->rows_streamed.size());
  run_->answers_missing += run_->labels.size();
  for (size_t i = 0; i < run_->labels.size(); ++i)
    self_
      ->request(run_->actors->source(i), opts_.request_timeout, fetch_labels{})
      .then(
        [this, i, now = runs_](row_labels& found) {
          if (!run_ || now != runs_)
            return;
          run_->labels[i] = std::move(found.labels);
          note_answer();
        },
        [this, now = runs_](caf::error& reason) {
          if (run_ && now == runs_)
            fail(std::move(reason));
        });
}

/// What a tree has to say is told if it answers; the results don't need it.
void experiment_orchestrator_state::ask_trees() {
  const auto seats = run_->actors->seats();
  for (const auto& seat : seats)
    run_->nodes.push_back({seat.name, seat.watched, seat.joined, std::nullopt});
  for (size_t i = 0; i < seats.size(); ++i) {
    if (!seats[i].tree)
      continue;
    ++run_->answers_missing;
    self_->request(seats[i].tree, opts_.request_timeout, query_tree{})
      .then(
        [this, i, now = runs_](const tree_status& found) {
          if (!run_ || now != runs_)
            return;
          run_->nodes[i].tree
            = tree_note{found.epochs_closed, found.epochs_incomplete,
                        found.population.epoch, found.population.agents};
          note_answer();
        },
        [this, now = runs_](const caf::error&) {
          if (run_ && now == runs_)
            note_answer();
        });
  }
}

void experiment_orchestrator_state::write() {
  auto result = experiment_result{};
  result.name = run_->options.name;
  result.detector = run_->options.detector.name;
  result.seed = run_->options.seed;
  result.started = run_->started_wall;
  result.duration = self_->clock().now() - run_->started;
  result.file = run_->file;
  result.data = run_->data.string();
  result.trusted_below = run_->options.zones.trusted_below;
  result.monitored_above = run_->options.zones.monitored_above;
  result.quarantined_above = run_->options.zones.quarantined_above;
  const auto& parameters = run_->options.detector.parameters;
  if (auto rows = parameters.find("horizon_rows"); rows != parameters.end())
    result.horizon_rows = rows->second;
  result.baselines = run_->options.baselines;
  auto nodes = std::vector<std::string>{};
  for (size_t i = 0; i < run_->labels.size(); ++i)
    nodes.push_back(run_->actors->node_of(i));
  run_->found->finish(std::move(run_->labels), nodes, result);
  result.nodes = std::move(run_->nodes);
  auto summary = write_report(run_->out, result);
  if (!summary) {
    fail(to_error(summary.error()));
    return;
  }
  auto answer = run_->answer;
  auto outcome = outcome_of(result, *summary);
  end_run();
  answer.deliver(std::move(outcome));
}

experiment_outcome experiment_orchestrator_state::outcome_of(
  const experiment_result& result, const experiment_summary& summary) const {
  auto out = experiment_outcome{};
  out.name = result.name;
  out.out_dir = run_->out.string();
  out.report = (run_->out / "report.html").string();
  out.entities = result.entities.size();
  out.rows = summary.rows;
  out.duration = result.duration;
  for (const auto& method : summary.methods) {
    const auto& raw = method.raw.overall();
    out.methods.push_back({method.name, raw.auc_roc, raw.auc_pr, raw.best_f1,
                           method.smooth.overall().auc_pr,
                           method.micros_per_vector.value_or(0.0)});
  }
  out.zone_changes = summary.counts.changes;
  out.quarantines = summary.counts.quarantines;
  out.isolations = summary.counts.isolations;
  out.recoveries = summary.counts.recoveries;
  if (const auto all = summary.zones.find(std::string{family_all});
      all != summary.zones.end())
    out.false_alarms = all->second.normal_quarantined;
  const auto work = run_->found->work_total();
  out.delivered = work.delivered;
  out.rerouted = work.rerouted;
  out.refused = work.refused;
  out.dropped = work.dropped;
  out.restarts = run_->actors->restarts();
  out.nodes = result.nodes.size();
  out.nodes_joined = run_->actors->nodes_joined();
  out.nodes_lost = run_->actors->nodes_lost();
  out.summary = to_json(summary);
  return out;
}

void experiment_orchestrator_state::fail(caf::error reason) {
  auto answer = run_->answer;
  end_run();
  answer.deliver(std::move(reason));
}

void experiment_orchestrator_state::end_run() {
  if (run_->recruits)
    run_->recruits->stop();
  if (run_->actors)
    run_->actors->stop();
  run_.reset();
}

/// Tells the listeners, but not of each batch: every 0.5 % is enough for people
/// and for terminals.
void experiment_orchestrator_state::say_progress(bool always) {
  const auto total = run_->actors->rows_total();
  auto done = uint64_t{0};
  for (auto rows : run_->rows_streamed)
    done += rows;
  if (!always && done - run_->rows_said < total / 200)
    return;
  run_->rows_said = done;
  for (const auto& listener : listeners_)
    self_->send(listener, experiment_progress{run_->stage, done, total});
}

void experiment_orchestrator_state::note_event(event_note event) {
  event.t = std::chrono::duration_cast<std::chrono::milliseconds>(
              self_->clock().now() - run_->started)
              .count();
  if (const auto entity
      = run_->actors ? run_->actors->find_entity(event.entity) : std::nullopt)
    event.t = static_cast<int64_t>(run_->found->rows(*entity));
  node_.audit("experiment." + event.kind,
              event.entity.empty() ? event.node : event.entity,
              {{"detail", event.detail}});
  run_->found->add_event(std::move(event));
}

} // namespace starling::experiment
