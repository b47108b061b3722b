#include "actors/agent/replay_agent.hpp"

#include "runtime/plugin/settings_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace starling::agent {

namespace {

/// How often rows are let go where there is a rate.
constexpr auto tick_interval = std::chrono::milliseconds{50};

/// Work items in one message.
constexpr uint32_t work_rows_max = 4096;

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<replay_agent_options>
read_replay_agent_options(const caf::settings& input) {
  auto result = replay_agent_options{};
  auto in = settings_reader{"replay-agent", input};
  in.read("batch_rows", result.batch_rows, 1, batch_rows_max)
    .read("window", result.window, 1, 1'000)
    .read("rate", result.rate, 0.0, 1e6)
    .read("request_timeout", result.request_timeout, caf::timespan{1},
          std::chrono::hours{24});
  if (auto failed = in.finish())
    return failed;
  return result;
}

// -- messages -----------------------------------------------------------------

replay_agent_state::replay_agent_state(agent_actor::pointer self,
                                       replay_agent_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  // nop
}

agent_actor::behavior_type replay_agent_state::make_behavior() {
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (down.source == owner_)
      self_->quit(caf::exit_reason::user_shutdown);
  });
  return {
    [this](const agent_ring& msg) { return join(msg); },
    [this](const agent_stream& msg) { return start(msg); },
    [this](const work_items& msg) { return take(msg); },
    [this](const zone_changed& msg) { note(msg); },
    [this](const zone_horizon& msg) { note(msg); },
    [this](const query_agent&) { return status(); },
  };
}

caf::result<void> replay_agent_state::join(const agent_ring& msg) {
  if (msg.members.empty() || msg.members.size() > opts_.members_max
      || msg.self >= msg.members.size() || !msg.listener)
    return caf::make_error(ec::invalid_option,
                           fmt::format("agent: place {} in a ring of {}; give "
                                       "1 to {} members and a listener",
                                       msg.self, msg.members.size(),
                                       opts_.members_max));
  auto names = std::vector<std::string>{};
  members_.clear();
  for (const auto& member : msg.members) {
    names.push_back(member.name);
    members_.push_back(member.agent);
  }
  subject_ = names[msg.self];
  listener_ = msg.listener;
  ring_.emplace(std::move(names), msg.self);
  ++ring_generation_;
  if (msg.owner && msg.owner->address() != owner_) {
    owner_ = msg.owner->address();
    self_->monitor(owner_);
  }
  // A keeper may have been given agents that it has yet to judge, so what it
  // said before no longer counts.
  horizons_.clear();
  for (const auto& keeper : msg.keepers)
    horizons_.emplace(keeper.address(), 0);
  for (const auto& keeper : msg.keepers)
    subscribe(keeper);
  return caf::unit;
}

caf::result<void> replay_agent_state::start(const agent_stream& msg) {
  if (!ring_)
    return caf::make_error(ec::wrong_state,
                           "agent: `agent_stream` before `agent_ring`");
  ++generation_;
  stream_.emplace();
  stream_->source = msg.source;
  stream_->detector = msg.detector;
  work_next_ = std::max(work_next_, msg.work_from);
  attempt_ = msg.attempt;
  finished_ = false;
  self_->request(msg.source, opts_.request_timeout, describe_behaviour{})
    .then(
      [this, now = generation_](const behaviour_description& what) {
        if (now != generation_)
          return;
        stream_->training_rows = what.training_rows;
        stream_->rows = what.training_rows + what.live_rows;
        pump();
        work();
      },
      [this, now = generation_](caf::error& reason) {
        if (now == generation_)
          fail(std::move(reason));
      });
  return caf::unit;
}

caf::result<work_receipt> replay_agent_state::take(const work_items& msg) {
  const auto& sender = self_->current_sender();
  const auto known = [&](const auto& member) {
    return sender && member.address() == sender->address();
  };
  const auto found = std::ranges::find_if(members_, known);
  if (!ring_ || found == members_.end()
      || ring_->names()[static_cast<size_t>(found - members_.begin())]
           != msg.from)
    return caf::make_error(ec::unknown_name,
                           fmt::format("agent '{}': work from '{}', who is "
                                       "not that agent of the ring",
                                       subject_, msg.from.substr(0, 64)));
  if (msg.rows > work_rows_max)
    return caf::make_error(ec::limit_reached,
                           fmt::format("agent '{}' takes at most {} work items "
                                       "in a message",
                                       subject_, work_rows_max));
  // Nobody knows yet who is cut off there.
  if (msg.rows > horizon_ || msg.first > horizon_ - msg.rows) {
    if (pending_.size() >= opts_.pending_max)
      return caf::make_error(ec::limit_reached,
                             fmt::format("agent '{}': {} messages wait, its "
                                         "bound",
                                         subject_, pending_.size()));
    pending_.push_back({msg, self_->make_response_promise<work_receipt>()});
    return pending_.back().answer;
  }
  return receipt_for(msg);
}

void replay_agent_state::note(const zone_changed& msg) {
  const auto& sender = self_->current_sender();
  if (sender && horizons_.contains(sender->address()))
    zones_.note(msg.subject, msg.row, msg.to);
}

void replay_agent_state::note(const zone_horizon& msg) {
  const auto& sender = self_->current_sender();
  const auto found
    = sender ? horizons_.find(sender->address()) : horizons_.end();
  if (found == horizons_.end())
    return;
  found->second = msg.rows;
  follow_horizon();
}

agent_status replay_agent_state::status() const {
  auto result = agent_status{};
  result.subject = subject_;
  result.rows_streamed = stream_ ? stream_->taken : 0;
  result.work_rows = work_next_;
  result.work = total_;
  result.zone = zones_.latest(subject_);
  return result;
}

// -- streaming ----------------------------------------------------------------

void replay_agent_state::pump() {
  while (stream_->in_flight < opts_.window && stream_->next < stream_->rows) {
    const auto rows = rows_allowed();
    if (rows == 0) {
      if (!std::exchange(stream_->ticking, true))
        tick();
      return;
    }
    fetch(rows);
  }
}

/// Returns how many rows the next batch may have: it ends where the training
/// rows do.
uint32_t replay_agent_state::rows_allowed() const {
  const auto training = stream_->next < stream_->training_rows;
  const auto end = training ? stream_->training_rows : stream_->rows;
  auto rows = std::min<uint64_t>(opts_.batch_rows, end - stream_->next);
  if (!training && opts_.rate > 0.0)
    rows = std::min(rows, static_cast<uint64_t>(stream_->allowance));
  return static_cast<uint32_t>(rows);
}

void replay_agent_state::fetch(uint32_t rows) {
  const auto first = stream_->next;
  if (first >= stream_->training_rows && opts_.rate > 0.0)
    stream_->allowance -= rows;
  stream_->next += rows;
  ++stream_->in_flight;
  self_
    ->request(stream_->source, opts_.request_timeout, fetch_rows{first, rows})
    .then(
      [this, now = generation_, first, rows](behaviour_rows& found) {
        if (now != generation_)
          return;
        if (found.first == first && found.rows() == rows)
          forward(std::move(found));
        else
          fail(caf::make_error(ec::malformed_input,
                               fmt::format("the source of '{}' sent {} rows "
                                           "from {}, asked were {} from {}",
                                           subject_, found.rows(), found.first,
                                           rows, first)));
      },
      [this, now = generation_](caf::error& reason) {
        if (now == generation_)
          fail(std::move(reason));
      });
}

void replay_agent_state::forward(behaviour_rows rows) {
  if (stream_->detector.node() != self_->node())
    bytes_sent_ += rows.values.size() * sizeof(double);
  self_->request(stream_->detector, opts_.request_timeout, std::move(rows))
    .then(
      [this, now = generation_](const rows_taken& answer) {
        if (now != generation_)
          return;
        stream_->taken = std::max(stream_->taken, answer.next);
        --stream_->in_flight;
        report();
        pump();
        work();
      },
      [this, now = generation_](caf::error& reason) {
        if (now == generation_)
          fail(std::move(reason));
      });
}

void replay_agent_state::tick() {
  const auto seconds = std::chrono::duration<double>(tick_interval).count();
  self_->run_delayed(tick_interval, [this, seconds, now = generation_] {
    if (now != generation_ || stream_->next >= stream_->rows)
      return;
    // What was not used in a second is lost: a stall is not made up by a flood.
    const auto most = std::max(opts_.rate, 1.0);
    stream_->allowance
      = std::min(stream_->allowance + opts_.rate * seconds, most);
    pump();
    tick();
  });
}

void replay_agent_state::fail(caf::error reason) {
  ++generation_;
  stream_.reset();
  report(false, std::move(reason));
}

// -- work ---------------------------------------------------------------------

void replay_agent_state::subscribe(const zone_keeper_actor& keeper) {
  self_
    ->request(keeper, opts_.request_timeout, caf::subscribe_atom_v,
              caf::actor_cast<zone_listener_actor>(self_->ctrl()))
    .then([] {},
          [this](caf::error& reason) {
            // A keeper that died is replaced, and this agent is told then.
            if (reason == ec::limit_reached)
              fail(std::move(reason));
          });
}

void replay_agent_state::follow_horizon() {
  auto least = horizon_end;
  for (const auto& [keeper, rows] : horizons_)
    least = std::min(least, rows);
  if (least <= horizon_)
    return;
  horizon_ = least;
  auto waiting = std::exchange(pending_, {});
  for (auto& [items, answer] : waiting) {
    if (items.rows <= horizon_ && items.first <= horizon_ - items.rows)
      answer.deliver(receipt_for(items));
    else
      pending_.push_back({std::move(items), std::move(answer)});
  }
  work();
}

void replay_agent_state::work() {
  if (!ring_ || working_ || !stream_ || stream_->rows == 0)
    return;
  const auto end = std::min(live_rows(), horizon_);
  while (!working_ && work_next_ < end) {
    const auto run = ring_->next_run(zones_, work_next_, end, work_rows_max);
    note_route(run);
    if (run.target)
      send_work(run);
    else
      count(run, {});
  }
  if (!working_ && all_done() && !std::exchange(finished_, true))
    report(true);
  else if (!working_ && unreported_.total() > 0)
    report();
}

void replay_agent_state::send_work(const work_ring::run& run) {
  working_ = true;
  self_
    ->request(members_[*run.target], opts_.request_timeout,
              work_items{subject_, run.first, run.rows})
    .then(
      [this, run](const work_receipt& receipt) {
        working_ = false;
        count(run, receipt);
        work();
      },
      [this, run, now = ring_generation_](const caf::error&) {
        // Gone or stuck: the ring closes without it until all are told anew.
        working_ = false;
        if (now == ring_generation_)
          ring_->note_gone(*run.target);
        work();
      });
}

void replay_agent_state::count(const work_ring::run& run,
                               const work_receipt& receipt) {
  const auto accepted = std::min(receipt.accepted, run.rows);
  auto now = work_tally{};
  if (!run.target)
    now.dropped = run.rows;
  else
    now.refused = run.rows - accepted;
  (run.direct ? now.delivered : now.rerouted) = accepted;
  for (auto* sum : {&unreported_, &total_}) {
    sum->delivered += now.delivered;
    sum->rerouted += now.rerouted;
    sum->refused += now.refused;
    sum->dropped += now.dropped;
  }
  work_next_ = run.first + run.rows;
}

void replay_agent_state::note_route(const work_ring::run& run) {
  const auto& names = ring_->names();
  if (!route_)
    route_ = (ring_->self() + 1) % names.size();
  // Its own place stands for nobody.
  const auto now = run.target.value_or(ring_->self());
  if (now == *route_)
    return;
  const auto name_of
    = [&](size_t i) { return i == ring_->self() ? std::string{} : names[i]; };
  routes_.push_back({run.first, name_of(*route_), name_of(now)});
  route_ = now;
}

work_receipt replay_agent_state::receipt_for(const work_items& items) const {
  const auto refused
    = work_ring::refused_rows(zones_, items.from, items.first, items.rows);
  return {items.rows - refused, refused};
}

void replay_agent_state::report(bool finished, caf::error failed) {
  auto said = agent_report{};
  said.subject = subject_;
  said.attempt = attempt_;
  said.rows_streamed = stream_ ? stream_->taken : 0;
  said.bytes_sent = std::exchange(bytes_sent_, 0);
  said.work_rows = work_next_;
  said.work = std::exchange(unreported_, {});
  said.routes = std::exchange(routes_, {});
  said.finished = finished;
  said.failed = std::move(failed);
  self_->send(listener_, std::move(said));
}

bool replay_agent_state::all_done() const {
  return stream_ && stream_->rows > 0 && stream_->taken == stream_->rows
         && work_next_ >= live_rows();
}

uint64_t replay_agent_state::live_rows() const {
  return stream_ ? stream_->rows - stream_->training_rows : 0;
}

// -- catalog ------------------------------------------------------------------

caf::error add_replay_agent(actor_catalog& catalog) {
  using impl = agent_actor::stateful_impl<replay_agent_state>;
  return catalog.add<agent_actor>(
    "replay-agent",
    "behaves as was recorded and works with other agents; options: "
    "batch_rows, window, rate, request_timeout",
    [](node_context& node,
       const caf::settings& input) -> caf::expected<agent_actor> {
      auto opts = read_replay_agent_options(input);
      if (!opts)
        return std::move(opts.error());
      return node.system->spawn<impl>(std::move(*opts));
    });
}

} // namespace starling::agent
