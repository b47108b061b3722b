#include "deploy/consensus/containment_guard.hpp"

#include "deploy/bench/bench_plan.hpp"

#include <utility>

namespace starling::deploy {

void containment_times::note(const std::string& subject) {
  const auto now = now_ns();
  const auto guard = std::lock_guard{mutex_};
  times_.emplace(subject, now);
}

void containment_times::hear() {
  const auto guard = std::lock_guard{mutex_};
  ++heard_;
}

uint64_t containment_times::heard() const {
  const auto guard = std::lock_guard{mutex_};
  return heard_;
}

std::map<std::string, uint64_t> containment_times::all() const {
  const auto guard = std::lock_guard{mutex_};
  return times_;
}

containment_guard_state::containment_guard_state(
  containment_guard_actor::pointer self,
  std::shared_ptr<containment_times> times)
  : self_{self},
    times_{std::move(times)} {
  // nop
}

containment_guard_actor::behavior_type
containment_guard_state::make_behavior() {
  return {
    [this](const zone_changed& msg) { note(msg); },
    [this](const zone_horizon&) { times_->hear(); },
    [this](const work_items& msg) { return take(msg); },
  };
}

void containment_guard_state::note(const zone_changed& msg) {
  zones_.insert_or_assign(msg.subject, msg.to);
  times_->hear();
  if (is_cut_off(msg.to))
    times_->note(msg.subject);
}

work_receipt containment_guard_state::take(const work_items& msg) const {
  const auto found = zones_.find(msg.from);
  const auto refused = found != zones_.end() && is_cut_off(found->second);
  return {refused ? 0 : msg.rows, refused ? msg.rows : 0};
}

} // namespace starling::deploy
