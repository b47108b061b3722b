#include "runtime/event_loop/direct_loop.hpp"

#include "runtime/event_loop/quick_actor.hpp"

#include <caf/scheduled_actor.hpp>

#include <thread>
#include <utility>

namespace starling::event_loop {

direct_loop::~direct_loop() = default;

void direct_loop::exec_later(caf::resumable* job) {
  if (std::this_thread::get_id() == thread_id() && runs_here(job))
    // Takes over the reference that came with the call.
    ready_.emplace_back(job, false);
  else
    default_multiplexer::exec_later(job);
}

bool direct_loop::try_run_once() {
  return run_round(false);
}

void direct_loop::run_once() {
  run_round(true);
}

void direct_loop::run() {
  while (num_socket_handlers() > 0)
    run_round(true);
  run_burst();
}

bool direct_loop::run_round(bool may_wait) {
  const auto ran = run_burst();
  // What the burst asked to be watched, or no longer.
  handle_internal_events();
  // Nothing would ever wake a loop that watches nothing.
  if (num_socket_handlers() == 0)
    return ran;
  return poll_once(may_wait && ready_.empty()) || ran;
}

bool direct_loop::runs_here(caf::resumable* job) const {
  switch (job->subtype()) {
    case caf::resumable::io_actor:
    case caf::resumable::function_object:
      return true;
    case caf::resumable::scheduled_actor:
      return is_quick(*static_cast<caf::scheduled_actor*>(job));
    default:
      return false;
  }
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

} // namespace starling::event_loop
