#pragma once

#include "actors/link/memory_link.hpp"
#include "messages/link.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <string>
#include <vector>

namespace starling::link {

/// State of the actor that makes links inside the process, for addresses
/// "memory://name". `exchange` outlives it.
class memory_transport_state {
public:
  static constexpr const char* name = "starling.link.memory-transport";

  /// `place` is the name under which this node dials.
  memory_transport_state(transport_actor::pointer self,
                         memory_exchange* exchange, std::string place);

  ~memory_transport_state();

  transport_actor::behavior_type make_behavior();

private:
  caf::result<std::string> listen(const link_listen& msg);
  caf::result<link_opened> dial(const link_dial& msg);

  transport_actor::pointer self_;
  memory_exchange* exchange_;
  std::string place_;
  std::vector<std::string> listening_;
};

} // namespace starling::link
