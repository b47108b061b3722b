#pragma once

#include <caf/abstract_actor.hpp>

namespace starling::event_loop {

/// CAF itself uses the bits up to 0x2000.
inline constexpr int quick_flag = 0x4000'0000;

/// Marks an actor that the event loop may run itself when something that came
/// from another node wakes it, in place of waking a thread of the pool.
///
/// That saves two switches between threads a message, a third of a round trip.
/// The price: nothing is received while it runs. So its handlers must be done
/// in microseconds (50 at most) and never block, nor use a blocking actor.
/// Woken by local actors it runs in the pool like any other, so it may not rely
/// on one thread.
///
/// Call it from the actor's constructor or initial behavior.
inline void mark_quick(caf::abstract_actor& self) {
  self.setf(quick_flag);
}

[[nodiscard]] inline bool is_quick(const caf::abstract_actor& actor) {
  return actor.getf(quick_flag);
}

} // namespace starling::event_loop
