#pragma once

#include "actors/scale/behaviour_model.hpp"
#include "messages/agent.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <vector>

namespace starling::scale {

/// Role: a behaviour source with a gate. Agents get it as a
/// `behaviour_source_actor`.
using generated_source_actor = behaviour_source_actor::extend<
  // Moves the gate: that many live rows are before it from now on.
  caf::result<void>(caf::open_atom, uint64_t)>;

struct generated_source_options {
  population_plan plan;
  /// The agent whose rows it makes.
  size_t index = 0;
  /// Live rows before the gate at first; all of them: there is no gate.
  uint64_t gate = 0;
  /// Requests that wait at the gate.
  size_t waiting_max = 16;
};

/// State of the actor that makes up one agent's behaviour while it is asked for
/// it. Nothing is stored, so 10^5 of them fit into one process. The gate lets a
/// whole population begin together, after each agent was trained by itself, and
/// go on step by step.
class generated_source_state {
public:
  static constexpr const char* name = "starling.scale.generated-source";

  generated_source_state(generated_source_actor::pointer self,
                         generated_source_options opts);

  generated_source_actor::behavior_type make_behavior();

private:
  struct waiting_fetch {
    fetch_rows what;
    caf::typed_response_promise<behaviour_rows> answer;
  };

  [[nodiscard]] behaviour_description describe() const;
  caf::result<behaviour_rows> fetch(const fetch_rows& msg);
  behaviour_rows make(const fetch_rows& msg);
  void move_gate(uint64_t rows);
  [[nodiscard]] bool is_open_for(const fetch_rows& msg) const;
  [[nodiscard]] uint64_t rows() const;

  generated_source_actor::pointer self_;
  generated_source_options opts_;
  behaviour_model model_;
  /// Live rows before the gate.
  uint64_t gate_;
  std::vector<waiting_fetch> waiting_;
};

} // namespace starling::scale
