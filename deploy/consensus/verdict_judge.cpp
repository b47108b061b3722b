#include "deploy/consensus/verdict_judge.hpp"

#include "deploy/bench/bench_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace starling::deploy {

namespace {

/// A member that leads answers within some milliseconds; one that has no
/// majority never does.
constexpr auto answer_patience = std::chrono::milliseconds{1'000};
constexpr auto retry_pause = std::chrono::milliseconds{10};
constexpr double quarantine_above = 0.95;

zone::zone_book made_book() {
  auto made = zone::zone_book::make({});
  assert(made);
  return std::move(*made);
}

} // namespace

// -- committer ----------------------------------------------------------------

verdict_committer::verdict_committer(std::vector<uint16_t> ports)
  : ports_{std::move(ports)},
    thread_{[this] { run(); }} {
  // nop
}

verdict_committer::~verdict_committer() {
  {
    const auto guard = std::lock_guard{mutex_};
    stopped_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void verdict_committer::put(std::string subject, std::string text) {
  {
    const auto guard = std::lock_guard{mutex_};
    waiting_.push_back({std::move(subject), std::move(text)});
  }
  changed_.notify_one();
}

void verdict_committer::prefer(uint16_t port) {
  const auto guard = std::lock_guard{mutex_};
  const auto found = std::ranges::find(ports_, port);
  if (found != ports_.end())
    asked_ = static_cast<size_t>(found - ports_.begin());
}

std::vector<verdict_committer::commit> verdict_committer::commits() const {
  const auto guard = std::lock_guard{mutex_};
  return commits_;
}

void verdict_committer::run() {
  auto clients = std::vector<etcd_client>{};
  for (auto port : ports_)
    clients.emplace_back(port, answer_patience);
  auto lock = std::unique_lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
    if (stopped_)
      return;
    const auto next = waiting_.front();
    auto& client = clients[asked_];
    lock.unlock();
    const auto done = static_cast<bool>(
      client.put_once("verdict/" + next.subject, next.text));
    const auto now = now_ns();
    lock.lock();
    if (done) {
      commits_.push_back({next.subject, now});
      waiting_.pop_front();
    } else {
      asked_ = (asked_ + 1) % ports_.size();
      changed_.wait_for(lock, retry_pause, [this] { return stopped_; });
    }
  }
}

// -- keeper -------------------------------------------------------------------

consensus_keeper_state::consensus_keeper_state(
  score_listener_actor::pointer self, std::vector<std::string> subjects,
  verdict_committer& committer)
  : self_{self},
    committer_{committer},
    book_{made_book()} {
  [[maybe_unused]] auto done = book_.watch(subjects);
  assert(done);
}

score_listener_actor::behavior_type consensus_keeper_state::make_behavior() {
  return {
    [this](const score_batch& msg) { return judge(msg); },
  };
}

caf::result<void> consensus_keeper_state::judge(const score_batch& msg) {
  auto changes = book_.judge(msg.subject, msg.first, msg.levels, msg.last);
  if (!changes)
    return caf::make_error(changes.error().code, changes.error().text);
  for (const auto& [row, change] : *changes)
    if (is_cut_off(change.to) && change.to > change.from)
      committer_.put(msg.subject,
                     fmt::format(R"({{"row":{},"to":"{}","level":{:.4f}}})",
                                 row, name_of(change.to), change.level));
  return caf::unit;
}

// -- recorder -----------------------------------------------------------------

void alarm_times::note(const std::string& subject) {
  const auto now = now_ns();
  const auto guard = std::lock_guard{mutex_};
  times_.emplace(subject, now);
}

uint64_t alarm_times::of(const std::string& subject) const {
  const auto guard = std::lock_guard{mutex_};
  const auto found = times_.find(subject);
  return found != times_.end() ? found->second : 0;
}

alarm_recorder_state::alarm_recorder_state(
  score_listener_actor::pointer self, std::shared_ptr<alarm_times> times,
  std::vector<score_listener_actor> keepers)
  : self_{self},
    times_{std::move(times)},
    keepers_{std::move(keepers)} {
  // nop
}

score_listener_actor::behavior_type alarm_recorder_state::make_behavior() {
  return {
    [this](const score_batch& msg) {
      if (std::ranges::any_of(msg.levels,
                              [](double x) { return x > quarantine_above; }))
        times_->note(msg.subject);
      for (const auto& keeper : keepers_)
        self_->send(keeper, msg);
    },
  };
}

} // namespace starling::deploy
