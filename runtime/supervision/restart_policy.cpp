#include "runtime/supervision/restart_policy.hpp"

#include <algorithm>
#include <cassert>

namespace starling::supervision {

namespace {

/// Returns a number in [0, 1), the same for the same generator everywhere; the
/// standard leaves the algorithm of its distributions open.
double uniform(std::mt19937_64& rng) {
  return static_cast<double>(rng() >> 11) * 0x1p-53;
}

} // namespace

restart_policy::restart_policy(const policy_options& opts, uint64_t seed)
  : opts_{opts},
    rng_{seed} {
  // nop
}

plan restart_policy::decide(size_t index, bool normal_exit,
                            const std::vector<restart>& kinds,
                            const std::vector<bool>& running, time_point now) {
  assert(index < kinds.size());
  const auto runs = [&](size_t other) {
    return other != index && (other >= running.size() || running[other]);
  };
  auto result = plan{};
  if (kinds[index] == restart::temporary) {
    result.forget.push_back(index);
    return result;
  }
  if (kinds[index] == restart::transient && normal_exit)
    return result;
  auto first = size_t{0};
  auto last = kinds.size();
  if (!note_restart(now)) {
    result.escalate = true;
  } else if (opts_.how == strategy::one_for_one) {
    first = index;
    last = index + 1;
  } else if (opts_.how == strategy::rest_for_one) {
    first = index;
  }
  for (auto other = last; other-- > first;)
    if (runs(other))
      result.stop.push_back(other);
  if (result.escalate)
    return result;
  for (auto other = first; other < last; ++other)
    if (kinds[other] == restart::temporary)
      result.forget.push_back(other);
    else
      result.start.push_back(other);
  result.wait = wait_before_restart();
  return result;
}

size_t restart_policy::recent_restarts(time_point now) const {
  return static_cast<size_t>(std::ranges::count_if(
    restarts_, [&](time_point at) { return now - at <= opts_.period; }));
}

/// Returns false if this was one restart too many.
bool restart_policy::note_restart(time_point now) {
  while (!restarts_.empty() && now - restarts_.front() > opts_.period)
    restarts_.pop_front();
  restarts_.push_back(now);
  if (restarts_.size() <= opts_.intensity)
    return true;
  // Keeps the memory bounded if someone goes on asking.
  restarts_.pop_front();
  return false;
}

std::chrono::nanoseconds restart_policy::wait_before_restart() {
  if (opts_.backoff.count() <= 0)
    return {};
  auto wait = std::min(opts_.backoff, opts_.backoff_max);
  for (size_t i = 1; i < restarts_.size() && wait < opts_.backoff_max; ++i)
    wait = std::min(wait * 2, opts_.backoff_max);
  const auto kept = 1.0 - opts_.jitter * uniform(rng_);
  return std::chrono::nanoseconds{
    static_cast<int64_t>(static_cast<double>(wait.count()) * kept)};
}

} // namespace starling::supervision
