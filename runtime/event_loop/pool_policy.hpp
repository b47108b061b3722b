#pragma once

#include "runtime/event_loop/wake_counter.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <cstddef>
#include <deque>
#include <mutex>

namespace starling::event_loop {

/// Threads that take actors from one queue, in the order they were woken.
///
/// Differs from CAF's "sharing" policy in how a thread is woken: only if one
/// sleeps, and after the lock was released. Woken under the lock, as there, it
/// goes to sleep at once for the lock, which costs two switches more. And the
/// system's call is used without a condition variable, which would make three
/// calls of one.
class pool_policy : public caf::policy::unprofiled {
public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {
      // nop
    }

    std::deque<caf::resumable*> queue;
    std::mutex mutex;
    /// Threads that sleep or are about to.
    size_t sleeping = 0;
    /// Changes each time that one of them is to look at the queue.
    wake_counter wakes;
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {
      // nop
    }
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    auto& data = d(self);
    auto sleeping = false;
    {
      auto guard = std::lock_guard{data.mutex};
      data.queue.push_back(job);
      sleeping = data.sleeping > 0;
    }
    if (sleeping)
      data.wakes.wake_one();
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& data = d(self->parent());
    auto guard = std::unique_lock{data.mutex};
    while (data.queue.empty()) {
      ++data.sleeping;
      const auto seen = data.wakes.value();
      guard.unlock();
      data.wakes.sleep_while(seen);
      guard.lock();
      --data.sleeping;
    }
    auto* job = data.queue.front();
    data.queue.pop_front();
    return job;
  }

  template <class Worker, class Fun>
  void foreach_resumable(Worker*, Fun) {
    // nop
  }

  template <class Coordinator, class Fun>
  void foreach_central_resumable(Coordinator* self, Fun fun) {
    auto& data = d(self);
    auto guard = std::lock_guard{data.mutex};
    while (!data.queue.empty()) {
      auto* job = data.queue.front();
      data.queue.pop_front();
      fun(job);
    }
  }
};

/// Makes `pool_policy` the scheduler of systems with this configuration.
inline void load_pool(caf::actor_system_config& config) {
  config.module_factories.push_back(
    [](caf::actor_system& system) -> caf::actor_system::module* {
      return caf::scheduler::coordinator<pool_policy>::make(system, {});
    });
}

} // namespace starling::event_loop
