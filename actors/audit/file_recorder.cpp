#include "actors/audit/file_recorder.hpp"

#include "runtime/outlive_refusals.hpp"

#include <utility>

namespace starling::audit {

file_recorder_state::file_recorder_state(audit_actor::pointer self,
                                         file_recorder_options opts)
  : self_{self},
    opts_{std::move(opts)} {
  clock_.resume_after(opts_.log->last_time());
}

file_recorder_state::~file_recorder_state() {
  // Nobody is left to tell; what is missing shows at the next verification.
  [[maybe_unused]] auto closed = opts_.log->close(now());
}

audit_actor::behavior_type file_recorder_state::make_behavior() {
  outlive_refusals(*self_);
  schedule();
  return {
    [this](audit_event& msg) { note(msg); },
    [this](const query_audit&) {
      return audit_position{opts_.log->last().seq, lost_};
    },
  };
}

void file_recorder_state::note(audit_event& msg) {
  auto noted
    = opts_.log->append({now(), std::move(msg.kind), std::move(msg.subject),
                         std::move(msg.details)});
  if (!noted)
    ++lost_;
}

void file_recorder_state::schedule() {
  self_->run_delayed(opts_.tick, [this] {
    if (!opts_.log->tick(now()))
      ++lost_;
    schedule();
  });
}

clock::timestamp file_recorder_state::now() {
  return clock_.now(std::chrono::time_point_cast<std::chrono::microseconds>(
    opts_.wall_clock()));
}

} // namespace starling::audit
