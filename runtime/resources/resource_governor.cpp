#include "runtime/resources/resource_governor.hpp"

#include <cassert>

namespace starling::resources {

namespace {

/// Whether a figure is too high: above the threshold, or once it was above, not
/// yet well below.
bool too_high(double figure, double threshold, double slack, bool before) {
  return figure > (before ? threshold - slack : threshold);
}

} // namespace

const char* to_string(resource x) {
  switch (x) {
    case resource::cpu:
      return "cpu";
    case resource::memory:
      return "memory";
    case resource::storage:
      return "storage";
  }
  return "unknown";
}

resource_governor::resource_governor(const options& opts) : opts_{opts} {
  assert(opts.cpu > 0.0 && opts.processors > 0 && opts.samples_max > 1);
}

resource_governor::verdict resource_governor::take(const usage& sample,
                                                   clock::time_point now) {
  auto result = verdict{};
  result.cpu_share = share(sample, now);
  result.memory = sample.memory;
  result.storage = sample.storage;
  const auto memory
    = static_cast<double>(sample.memory) / static_cast<double>(opts_.memory);
  const auto storage
    = static_cast<double>(sample.storage) / static_cast<double>(opts_.storage);
  const auto slack = opts_.slack;
  result.cpu_exceeded = too_high(result.cpu_share, opts_.cpu, slack * opts_.cpu,
                                 last_.cpu_exceeded);
  result.memory_high
    = too_high(memory, opts_.memory_high, slack, last_.memory_high);
  result.memory_exceeded = too_high(memory, 1.0, slack, last_.memory_exceeded);
  result.storage_exceeded
    = too_high(storage, 1.0, slack, last_.storage_exceeded);
  const auto note = [&](resource what, bool before, bool after) {
    if (before != after)
      result.crossings.push_back({what, after});
  };
  note(resource::cpu, last_.cpu_exceeded, result.cpu_exceeded);
  note(resource::memory, last_.memory_high, result.memory_high);
  note(resource::storage, last_.storage_exceeded, result.storage_exceeded);
  last_ = result;
  return result;
}

double resource_governor::share(const usage& sample, clock::time_point now) {
  points_.push_back({now, sample.cpu_time});
  // The oldest that is kept lies at the window's edge or before it.
  while (points_.size() > opts_.samples_max
         || (points_.size() > 2 && now - points_[1].when >= opts_.window))
    points_.pop_front();
  const auto& first = points_.front();
  const auto passed = std::chrono::duration<double>(now - first.when).count();
  if (passed <= 0.0)
    return 0.0;
  const auto used
    = std::chrono::duration<double>(sample.cpu_time - first.cpu_time).count();
  return used / passed / opts_.processors;
}

} // namespace starling::resources
