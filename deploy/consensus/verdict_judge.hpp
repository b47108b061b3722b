#pragma once

#include "actors/zone/zone_book.hpp"
#include "deploy/consensus/etcd_client.hpp"
#include "messages/detector.hpp"
#include "messages/zone.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace starling::deploy {

/// Commits verdicts through etcd, one after the other, in a thread of its own:
/// what can't be committed waits, and all after it. Asks the next member when
/// one does not answer.
class verdict_committer {
public:
  struct commit {
    std::string subject;
    /// Nanoseconds of the steady clock.
    uint64_t at = 0;
  };

  /// Asks the member at `ports.front()` first.
  explicit verdict_committer(std::vector<uint16_t> ports);

  /// Gives up what waits.
  ~verdict_committer();

  void put(std::string subject, std::string text);

  /// Asks this member from now on.
  void prefer(uint16_t port);

  [[nodiscard]] std::vector<commit> commits() const;

private:
  struct verdict {
    std::string subject;
    std::string text;
  };

  void run();

  std::vector<uint16_t> ports_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<verdict> waiting_;
  std::vector<commit> commits_;
  size_t asked_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

/// State of the keeper's twin: comes to the same verdicts from the same levels,
/// and has them committed where the keeper tells its listeners.
class consensus_keeper_state {
public:
  static constexpr const char* name = "starling.consensus.keeper";

  consensus_keeper_state(score_listener_actor::pointer self,
                         std::vector<std::string> subjects,
                         verdict_committer& committer);

  score_listener_actor::behavior_type make_behavior();

private:
  caf::result<void> judge(const score_batch& msg);

  score_listener_actor::pointer self_;
  verdict_committer& committer_;
  zone::zone_book book_;
};

/// When a listener of detectors heard of a level above the quarantine
/// threshold, by agent.
class alarm_times {
public:
  void note(const std::string& subject);

  /// Zero if it has not.
  [[nodiscard]] uint64_t of(const std::string& subject) const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> times_;
};

/// State of the listener that stands before the keepers: notes the time, then
/// hands on.
class alarm_recorder_state {
public:
  static constexpr const char* name = "starling.consensus.recorder";

  alarm_recorder_state(score_listener_actor::pointer self,
                       std::shared_ptr<alarm_times> times,
                       std::vector<score_listener_actor> keepers);

  score_listener_actor::behavior_type make_behavior();

private:
  score_listener_actor::pointer self_;
  std::shared_ptr<alarm_times> times_;
  std::vector<score_listener_actor> keepers_;
};

} // namespace starling::deploy
