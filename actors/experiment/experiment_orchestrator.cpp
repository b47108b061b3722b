#include "actors/experiment/experiment_orchestrator.hpp"

#include "actors/experiment/dataset.hpp"
#include "actors/experiment/entity_selection.hpp"
#include "runtime/plugin/settings_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace starling::experiment {

namespace {

caf::error to_error(const failure& reason) {
  return caf::make_error(reason.code, reason.text);
}

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<experiment_orchestrator_options>
read_experiment_orchestrator_options(const caf::settings& input) {
  constexpr auto day = caf::timespan{std::chrono::hours{24}};
  auto result = experiment_orchestrator_options{};
  auto in = settings_reader{"experiment", input};
  in.read("request_timeout", result.request_timeout, caf::timespan{1}, day)
    .read("stall_timeout", result.stall_timeout, caf::timespan{1}, day)
    .read("heal_delay", result.heal_delay, caf::timespan{0}, day)
    .read("restarts_max", result.restarts_max, 0, 1'000)
    .read("recruit_interval", result.recruit_interval, caf::timespan{1}, day);
  if (auto failed = in.finish())
    return failed;
  return result;
}

std::vector<experiment_node> local_nodes(const spawner_actor& spawner,
                                         size_t count) {
  auto result = std::vector<experiment_node>{};
  for (size_t i = 1; i <= count; ++i) {
    auto id = peer_id{};
    for (size_t byte = 0; byte < sizeof(i); ++byte)
      id.bytes[peer_id::size - 1 - byte]
        = static_cast<uint8_t>(i >> (8 * byte));
    result.push_back({fmt::format("node-{}", i), id, spawner});
  }
  return result;
}

// -- messages -----------------------------------------------------------------

experiment_orchestrator_state::experiment_orchestrator_state(
  orchestrator_actor::pointer self, node_context& node,
  experiment_orchestrator_options opts)
  : self_{self},
    node_{node},
    opts_{std::move(opts)} {
  // nop
}

experiment_orchestrator_state::~experiment_orchestrator_state() {
  if (run_)
    end_run();
}

orchestrator_actor::behavior_type
experiment_orchestrator_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& down) { forget(down); });
  return {
    [this](run_experiment& msg) { return begin(msg); },
    [this](caf::subscribe_atom, const experiment_listener_actor& listener) {
      return subscribe(listener);
    },
    [this](const score_batch& msg) { return collect(msg); },
    [this](const zone_changed& msg) { collect(msg); },
    [this](const zone_horizon& msg) { collect(msg); },
    [this](const agent_report& msg) { collect(msg); },
  };
}

caf::result<experiment_outcome>
experiment_orchestrator_state::begin(run_experiment& msg) {
  if (run_)
    return caf::make_error(ec::wrong_state,
                           fmt::format("experiment '{}' runs already; wait for "
                                       "its end",
                                       run_->options.name));
  auto made = run{};
  if (auto failed = prepare(msg, made))
    return failed;
  auto available = list_entities(made.data);
  if (!available)
    return to_error(available.error());
  auto entities = select_entities(*available, made.options.entities);
  if (!entities)
    return to_error(entities.error());
  run_ = std::move(made);
  ++runs_;
  auto answer = self_->make_response_promise<experiment_outcome>();
  run_->answer = answer;
  assemble(std::move(*entities), msg);
  return answer;
}

caf::result<void> experiment_orchestrator_state::subscribe(
  const experiment_listener_actor& listener) {
  if (listeners_.size() >= opts_.listeners_max)
    return caf::make_error(
      ec::limit_reached,
      fmt::format("experiment: {} listeners, its bound", listeners_.size()));
  self_->monitor(listener);
  listeners_.push_back(listener);
  return caf::unit;
}

caf::result<void>
experiment_orchestrator_state::collect(const score_batch& msg) {
  const auto entity
    = run_ ? run_->actors->find_entity(msg.subject) : std::nullopt;
  if (!entity)
    return caf::make_error(ec::unknown_name, "experiment: no entity '"
                                               + msg.subject
                                               + "' is part of it");
  auto rows = scored_rows{};
  rows.first = msg.first;
  rows.scores = msg.scores;
  rows.levels = msg.levels;
  rows.baselines = msg.baselines;
  rows.nanoseconds = msg.nanoseconds;
  rows.baseline_nanoseconds = msg.baseline_nanoseconds;
  const auto& sender = self_->current_sender();
  if (sender && sender->node() != self_->node())
    rows.bytes
      = msg.scores.size() * sizeof(double) * (2 + msg.baselines.size());
  const auto done
    = run_->found->add_scores(*entity, rows, run_->actors->live_rows(*entity));
  if (!done)
    return to_error(done.error());
  run_->moved = self_->clock().now();
  return caf::unit;
}

void experiment_orchestrator_state::collect(const zone_changed& msg) {
  const auto entity
    = run_ ? run_->actors->find_entity(msg.subject) : std::nullopt;
  if (!entity || msg.row >= run_->actors->live_rows(*entity))
    return;
  auto change = zone_change_note{};
  change.t = msg.row;
  change.from = name_of(msg.from);
  change.to = name_of(msg.to);
  change.reason = msg.reason;
  change.level = msg.level;
  run_->found->add_zone_change(*entity, change, msg.context);
}

void experiment_orchestrator_state::collect(const zone_horizon& msg) {
  const auto& sender = self_->current_sender();
  if (!run_ || !sender)
    return;
  run_->actors->note_horizon(sender->address(), msg.rows);
  run_->moved = self_->clock().now();
  finish_if_done();
}

void experiment_orchestrator_state::collect(const agent_report& msg) {
  const auto entity
    = run_ ? run_->actors->find_entity(msg.subject) : std::nullopt;
  if (!entity)
    return;
  auto& found = *run_->found;
  found.add_work(*entity, {msg.work.delivered, msg.work.rerouted,
                           msg.work.refused, msg.work.dropped});
  found.add_behaviour_bytes(*entity, msg.bytes_sent);
  for (const auto& route : msg.routes)
    found.add_route(*entity, route.row, route.from, route.to);
  run_->actors->note_work(*entity, msg.work_rows);
  auto& streamed = run_->rows_streamed[*entity];
  streamed = std::max(streamed, msg.rows_streamed);
  run_->moved = self_->clock().now();
  say_progress();
  if (msg.failed)
    run_->actors->note_failed(*entity, msg.attempt, msg.failed);
  else if (msg.finished)
    run_->actors->note_finished(*entity, msg.attempt);
  finish_if_done();
}

void experiment_orchestrator_state::forget(const caf::down_msg& down) {
  std::erase_if(listeners_,
                [&](const auto& x) { return x.address() == down.source; });
  if (run_)
    run_->actors->note_down(down.source, down.reason);
}

// -- catalog ------------------------------------------------------------------

caf::error add_experiment_orchestrator(actor_catalog& catalog) {
  using impl = orchestrator_actor::stateful_impl<experiment_orchestrator_state>;
  return catalog.add<experiment_actor>(
    "experiment",
    "runs detection experiments over nodes; options: request_timeout, "
    "stall_timeout, heal_delay, restarts_max, recruit_interval",
    [](node_context& node,
       const caf::settings& input) -> caf::expected<experiment_actor> {
      auto opts = read_experiment_orchestrator_options(input);
      if (!opts)
        return std::move(opts.error());
      auto made = node.system->spawn<impl>(node, std::move(*opts));
      return experiment_actor{std::move(made)};
    });
}

} // namespace starling::experiment
