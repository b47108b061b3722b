#pragma once

#include "messages/audit.hpp"
#include "runtime/audit/audit_log.hpp"
#include "runtime/clock/hybrid_clock.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace starling::audit {

struct file_recorder_options {
  /// Open already, so that a bad file is an error before the node starts.
  std::shared_ptr<audit_log> log;
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  /// Lag between two looks at what has to be signed.
  std::chrono::milliseconds tick = std::chrono::seconds{1};
};

/// State of the actor that writes a node's audit log: stamps events with hybrid
/// time, appends them, signs in time, and closes the log when it ends.
class file_recorder_state {
public:
  static constexpr const char* name = "starling.audit.file";

  file_recorder_state(audit_actor::pointer self, file_recorder_options opts);

  ~file_recorder_state();

  audit_actor::behavior_type make_behavior();

private:
  void note(audit_event& msg);
  void schedule();
  clock::timestamp now();

  audit_actor::pointer self_;
  file_recorder_options opts_;
  clock::hybrid_clock clock_;
  uint64_t lost_ = 0;
};

} // namespace starling::audit
