#pragma once

#include "deploy/bench/bench_plan.hpp"
#include "deploy/bench/figures.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling::deploy {

/// Role: what messages are sent to while time is taken.
using bench_actor = caf::typed_actor<
  // Returns what it was told.
  caf::result<std::string>(std::string),
  // Begins to count; reports each time that many more pushed messages came, by
  // a message (ok, count) to their sender.
  caf::result<void>(caf::open_atom, uint64_t),
  // Is counted.
  caf::result<void>(caf::put_atom, std::string)>;

struct bench_actor_state {
  static constexpr const char* name = "starling.bench";

  uint64_t received = 0;
  uint64_t report_each = 1;
};

bench_actor::behavior_type
bench_actor_behavior(bench_actor::stateful_pointer<bench_actor_state> self);

/// Measures round trips and one-way messages to `server`, which is in another
/// process. `who` is the name in the figures. Blocks. Errors: whatever the
/// messages came back with.
[[nodiscard]] caf::expected<std::vector<figure>>
measure_messages(caf::actor_system& system, const bench_actor& server,
                 const bench_plan& plan, const std::string& who);

/// Measures round trips of one size only. `what` is the name in the figures.
[[nodiscard]] caf::expected<std::vector<figure>>
measure_round_trips(caf::actor_system& system, const bench_actor& server,
                    const bench_plan& plan, const bench_plan::messages& size,
                    const std::string& what, const std::string& who);

} // namespace starling::deploy
