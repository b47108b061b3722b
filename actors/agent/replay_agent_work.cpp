// What a replay agent does with other agents: sending work, taking it, refusing
// it.

#include "actors/agent/replay_agent.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace starling::agent {

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

} // namespace starling::agent
