#pragma once

#include "messages/agent.hpp"
#include "messages/zone.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace starling::deploy {

/// Role: takes work from agents that nobody cut off.
using containment_guard_actor = zone_listener_actor::extend<
  // Work from the agent named in it, which is refused from the moment that a
  // keeper's verdict came.
  caf::result<work_receipt>(work_items)>;

/// When verdicts took effect on one node, by agent: nanoseconds of the
/// machine's steady clock, which all its processes share. From any thread.
class containment_times {
public:
  /// The first time of an agent stays.
  void note(const std::string& subject);

  /// Counts a message from whoever decides.
  void hear();

  /// Returns how many those were so far.
  [[nodiscard]] uint64_t heard() const;

  [[nodiscard]] std::map<std::string, uint64_t> all() const;

private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> times_;
  uint64_t heard_ = 0;
};

/// State of the actor that stands for a node's agents, as far as they refuse
/// work: what `replay_agent` does by rows is done here by the clock.
class containment_guard_state {
public:
  static constexpr const char* name = "starling.consensus.guard";

  containment_guard_state(containment_guard_actor::pointer self,
                          std::shared_ptr<containment_times> times);

  containment_guard_actor::behavior_type make_behavior();

private:
  void note(const zone_changed& msg);
  [[nodiscard]] work_receipt take(const work_items& msg) const;

  containment_guard_actor::pointer self_;
  std::shared_ptr<containment_times> times_;
  std::map<std::string, trust_zone> zones_;
};

} // namespace starling::deploy
