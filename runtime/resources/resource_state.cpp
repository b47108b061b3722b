#include "runtime/resources/resource_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::resources {

void resource_state::set(const resource_governor::verdict& now) {
  cpu_share_ = now.cpu_share;
  memory_ = now.memory;
  storage_ = now.storage;
  cpu_exceeded_ = now.cpu_exceeded;
  memory_high_ = now.memory_high;
  memory_exceeded_ = now.memory_exceeded;
}

result<void> resource_state::admit() const {
  if (memory_high_)
    return failure{
      ec::limit_reached,
      fmt::format("this node uses {} of {} bytes of memory and "
                  "takes in nothing new above 85 %; raise [limits] "
                  "memory, or stop actors",
                  memory_.load(), opts_.memory)};
  if (cpu_exceeded_)
    return failure{ec::limit_reached,
                   fmt::format("this node uses {:.0f} % of its processors, its "
                               "share is {:.0f} %; raise [limits] cpu, or stop "
                               "actors",
                               100 * cpu_share_.load(), 100 * opts_.cpu)};
  return {};
}

credit_policy resource_state::credit() const {
  if (memory_exceeded_)
    return credit_policy::withheld;
  return cpu_exceeded_ ? credit_policy::delayed : credit_policy::at_once;
}

result<void> resource_state::claim_storage(uint64_t bytes,
                                           std::string_view what) {
  const auto limit = opts_.storage;
  auto used = storage_.load();
  do {
    if (used > limit || bytes > limit - used)
      return failure{ec::limit_reached,
                     fmt::format("{}: state_dir holds {} of {} bytes; raise "
                                 "[limits] storage, or move files away",
                                 what, used, opts_.storage)};
  } while (!storage_.compare_exchange_weak(used, used + bytes));
  return {};
}

void resource_state::add_storage(uint64_t bytes) {
  storage_ += bytes;
}

void resource_state::release_storage(uint64_t bytes) {
  auto used = storage_.load();
  while (!storage_.compare_exchange_weak(used, used - std::min(used, bytes))) {
    // Another thread came first.
  }
}

uint64_t resource_state::storage() const {
  return storage_;
}

} // namespace starling::resources
