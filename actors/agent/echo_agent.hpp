#pragma once

#include "messages/error.hpp"
#include "runtime/plugin/actor_catalog.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <string>

namespace starling::agent {

/// What the actor takes in: text, and JSON from `starling call`.
using echo_actor = json_actor::extend<
  // Returns the prefix of its options and the text.
  caf::result<std::string>(std::string)>;

/// State of an actor that answers with what it is told: the first thing to
/// spawn on a new node.
class echo_agent_state {
public:
  static constexpr const char* name = "starling.agent.echo";

  echo_agent_state(echo_actor::pointer self, std::string prefix);

  echo_actor::behavior_type make_behavior();

private:
  std::string prefix_;
};

/// Plugin entry: adds "echo". Options: prefix (text, default empty).
caf::error add_echo_agent(actor_catalog& catalog);

} // namespace starling::agent
