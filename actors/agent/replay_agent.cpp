#include "actors/agent/replay_agent.hpp"

#include "runtime/outlive_refusals.hpp"
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

} // namespace

// -- options ------------------------------------------------------------------

caf::expected<replay_agent_options>
read_replay_agent_options(const caf::settings& input) {
  auto result = replay_agent_options{};
  auto in = settings_reader{"replay-agent", input};
  in.read("batch_rows", result.batch_rows, 1, batch_rows_max)
    .read("window", result.window, 1, 1'000)
    .read("rate", result.rate, 0.0, 1e6)
    .read("request_timeout", result.request_timeout, caf::timespan{0},
          std::chrono::hours{24});
  if (auto failed = in.finish())
    return failed;
  if (result.request_timeout == caf::timespan{0})
    result.request_timeout = caf::infinite;
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
  outlive_refusals(*self_);
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
  stream_ = stream{};
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
