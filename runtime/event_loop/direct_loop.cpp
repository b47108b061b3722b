#include "runtime/event_loop/direct_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduled_actor.hpp>

#include <utility>

namespace starling::event_loop {

namespace {

/// What a thread is to which loop.
struct role {
  const direct_loop* loop = nullptr;
  unsigned seat = 0;
  /// What it believes: while it hosts, the other may have taken over.
  bool leads = false;
  bool hosts = false;
};

thread_local role here;

caf::scheduled_actor& actor_of(caf::resumable& job) {
  return static_cast<caf::scheduled_actor&>(job);
}

} // namespace

direct_loop::~direct_loop() = default;

void direct_loop::exec_later(caf::resumable* job) {
  if (here.loop != this || !here.leads) {
    default_multiplexer::exec_later(job);
    return;
  }
  if (!here.hosts) {
    if (!keep(job))
      default_multiplexer::exec_later(job);
    return;
  }
  auto kept = false;
  {
    const auto guard = std::lock_guard{mutex_};
    here.leads = leader_ == here.seat;
    kept = here.leads && keep(job);
  }
  if (!kept)
    default_multiplexer::exec_later(job);
}

bool direct_loop::keep(caf::resumable* job) {
  switch (job->subtype()) {
    case caf::resumable::io_actor:
    case caf::resumable::function_object:
      ready_.emplace_back(job, false);
      return true;
    case caf::resumable::scheduled_actor:
      if (guest_ || !policy_.admits(actor_of(*job).id()))
        return false;
      guest_.reset(job, false);
      return true;
    default:
      return false;
  }
}

bool direct_loop::try_run_once() {
  return run_here(false);
}

void direct_loop::run_once() {
  run_here(true);
}

bool direct_loop::run_here(bool may_wait) {
  const auto before = std::exchange(here, role{this, leader_, true, false});
  const auto result = run_round(may_wait);
  here = before;
  return result;
}

void direct_loop::run() {
  // CAF takes the thread that called this for the loop's, and runs what that
  // one posts without asking us. So it must not be one of the two.
  auto first = system().launch_thread("starling.loop", [this] { work(0); });
  auto second = system().launch_thread("starling.loop", [this] { work(1); });
  first.join();
  second.join();
}

bool direct_loop::led_here() const {
  if (here.loop != this || !here.leads)
    return false;
  const auto guard = std::lock_guard{mutex_};
  return leader_ == here.seat;
}

void direct_loop::work(unsigned seat) {
  here = role{this, seat, seat == 0, false};
  while (here.leads || follow(seat)) {
    here.leads = true;
    if (!lead())
      continue;
    const auto guard = std::lock_guard{mutex_};
    ended_ = true;
    changed_.notify_all();
    break;
  }
  here = {};
}

bool direct_loop::follow(unsigned seat) {
  auto guard = std::unique_lock{mutex_};
  follower_waits_ = true;
  auto idle = 0u;
  while (!ended_) {
    if (!watched_) {
      idle = 0;
      changed_.wait(guard, [this] { return watched_ || ended_; });
    }
    const auto seen = turns_;
    changed_.wait_for(guard, watch_tick, [this] { return ended_; });
    if (turns_ != seen) {
      idle = 0;
    } else if (hosted_ != 0) {
      // The same guest as a tick ago.
      policy_.overran(std::exchange(hosted_, 0));
      leader_ = seat;
      follower_waits_ = false;
      return true;
    } else if (++idle == idle_ticks_max) {
      watched_ = false;
    }
  }
  return false;
}

bool direct_loop::lead() {
  while (num_socket_handlers() > 0) {
    run_round(true);
    if (!here.leads)
      return false;
  }
  run_burst();
  if (guest_)
    default_multiplexer::exec_later(guest_.release());
  return true;
}

bool direct_loop::run_round(bool may_wait) {
  auto ran = run_burst();
  for (auto i = size_t{0}; i < guest_turns_max && guest_; ++i) {
    ran = true;
    if (!host())
      return true;
    run_burst();
  }
  // What the burst asked to be watched, or no longer.
  handle_internal_events();
  // Nothing would ever wake a loop that watches nothing.
  if (num_socket_handlers() == 0)
    return ran;
  return poll_once(may_wait && ready_.empty() && !guest_) || ran;
}

bool direct_loop::run_burst() {
  const auto any = !ready_.empty();
  for (auto i = size_t{0}; i < burst_max && !ready_.empty(); ++i) {
    auto job = std::move(ready_.front());
    ready_.pop_front();
    switch (job->resume(this, messages_max)) {
      case caf::resumable::resume_later:
        ready_.push_back(std::move(job));
        break;
      case caf::resumable::shutdown_execution_unit:
        // Such jobs keep their own count.
        job.release();
        break;
      default:
        break;
    }
  }
  return any;
}

bool direct_loop::host() {
  auto job = std::exchange(guest_, nullptr);
  const auto id = actor_of(*job).id();
  auto wakes = false;
  {
    const auto guard = std::lock_guard{mutex_};
    if (follower_waits_) {
      hosted_ = id;
      ++turns_;
      wakes = !std::exchange(watched_, true);
      here.hosts = true;
    }
  }
  if (!here.hosts) {
    // The other is stuck with a guest of its own.
    default_multiplexer::exec_later(job.release());
    return true;
  }
  if (wakes)
    changed_.notify_one();
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = job->resume(this, guest_messages_max);
  const auto spent = std::chrono::steady_clock::now() - begin;
  {
    const auto guard = std::lock_guard{mutex_};
    here.hosts = false;
    here.leads = leader_ == here.seat;
    if (here.leads) {
      hosted_ = 0;
      policy_.ran(id, spent);
    }
  }
  if (outcome == caf::resumable::resume_later)
    default_multiplexer::exec_later(job.release());
  return here.leads;
}

} // namespace starling::event_loop
