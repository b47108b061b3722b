#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

namespace starling::supervision {

/// Which children are affected when one of them ends.
enum class strategy : uint8_t {
  /// Only that one.
  one_for_one,
  /// All: they are useless without each other.
  one_for_all,
  /// That one and those started after it: later ones build on earlier ones.
  rest_for_one,
};

/// When a child that ended is started again.
enum class restart : uint8_t {
  /// Always.
  permanent,
  /// Only if it ended abnormally.
  transient,
  /// Never.
  temporary,
};

struct policy_options {
  strategy how = strategy::one_for_one;
  /// Restarts within `period` that are still put up with; one more, and the
  /// supervisor itself gives up. 0: the first is one too many.
  uint32_t intensity = 5;
  std::chrono::nanoseconds period = std::chrono::seconds{10};
  /// Wait before the first restart of a run; it doubles with each further
  /// restart within `period`. 0: at once, as in Erlang/OTP.
  std::chrono::nanoseconds backoff{0};
  std::chrono::nanoseconds backoff_max = std::chrono::seconds{30};
  /// Share of the wait that is left to chance, in [0, 1], so that children of
  /// many nodes that failed together do not come back together.
  double jitter = 0.5;
};

/// What a supervisor has to do about the end of a child.
struct plan {
  /// Children that still run and have to end, in this order: the last started
  /// first.
  std::vector<size_t> stop;
  /// Children to start after that, in this order.
  std::vector<size_t> start;
  /// Children that are over and leave the group.
  std::vector<size_t> forget;
  /// How long to wait between the two.
  std::chrono::nanoseconds wait{0};
  /// Too many restarts: stop all (listed in `stop`) and give up.
  bool escalate = false;
};

/// Decides what happens when one of a group of children ends. Children are
/// numbered in the order in which they were started.
///
/// The idea: an actor that fails is put back into a state that is known to
/// work, its first one, and with it those that hold state about it. A fault
/// that comes back at once is not cured by that; so restarts within a sliding
/// window are counted, and beyond the intensity the problem is handed to the
/// next level up. Why not restart for ever: a child that fails at each start
/// would take all of the processor, and nobody would hear of it.
///
/// Source: Erlang/OTP, "OTP Design Principles", chapter "Supervisor Behaviour",
/// sections "Restart Strategy" and "Maximum Restart Intensity"; the back-off is
/// ours.
class restart_policy {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// @pre `seed` is fresh for each node: it drives the jitter.
  restart_policy(const policy_options& opts, uint64_t seed);

  /// Decides about the end of child `index`.
  ///
  /// `kinds` names how each child is restarted, all of them, in the order of
  /// start. `running` says which of the others have not ended; missing entries
  /// count as running.
  /// @pre `index < kinds.size()`
  plan decide(size_t index, bool normal_exit, const std::vector<restart>& kinds,
              const std::vector<bool>& running, time_point now);

  /// Returns the restarts that count at `now`.
  [[nodiscard]] size_t recent_restarts(time_point now) const;

private:
  [[nodiscard]] bool note_restart(time_point now);
  [[nodiscard]] std::chrono::nanoseconds wait_before_restart();

  policy_options opts_;
  std::mt19937_64 rng_;
  /// At most `intensity` + 1 of them.
  std::deque<time_point> restarts_;
};

} // namespace starling::supervision
