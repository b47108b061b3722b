#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace starling::event_loop {

/// Decides which actors an event loop runs on its own thread, by how long their
/// turns there were before.
///
/// Actors are taken to be fast until they prove slow: one that exceeds
/// `turn_max` sits out its next turn, then twice as many each time that it does
/// so again, and half as many for each fast turn (exponential back-off). A
/// chance interruption thus costs a turn, and an actor that is slow by nature
/// hardly ever holds the loop up. What is known of an actor is forgotten when
/// another with the same place in the table is slow.
class guest_policy {
public:
  using duration = std::chrono::nanoseconds;

  /// What the loop can spare a turn.
  static constexpr duration turn_max = std::chrono::microseconds{50};

  /// Slow actors remembered.
  static constexpr size_t slow_max = 256;

  /// Turns that the slowest sit out, as a power of two.
  static constexpr uint32_t level_max = 12;

  /// Returns whether the loop may run this turn of the actor with that id.
  [[nodiscard]] bool admits(uint64_t id);

  /// The loop ran one turn, which took that long.
  void ran(uint64_t id, duration spent);

  /// The turn was so long that the loop had to go on without it.
  void overran(uint64_t id);

private:
  struct record {
    uint64_t id = 0;
    /// Turns yet to sit out.
    uint32_t waits = 0;
    /// It sits out 2^(level - 1) turns when it is slow the next time.
    uint32_t level = 0;
  };

  record& place_of(uint64_t id);
  void punish(uint64_t id, uint32_t levels);

  std::array<record, slow_max> slow_;
};

} // namespace starling::event_loop
