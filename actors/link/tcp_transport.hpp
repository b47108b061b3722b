#pragma once

#include "actors/link/tcp_link.hpp"
#include "messages/link.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <vector>

namespace starling::link {

/// State of the actor that makes TCP links for addresses "tcp://host:port". A
/// link that it dials is handed out before the connection stands; one that
/// can't be had ends with `link_closed`.
class tcp_transport_state {
public:
  static constexpr const char* name = "starling.link.tcp-transport";

  tcp_transport_state(transport_actor::pointer self, const tcp_options& opts);

  ~tcp_transport_state();

  transport_actor::behavior_type make_behavior();

private:
  caf::result<std::string> listen(const link_listen& msg);
  caf::result<link_opened> dial(const link_dial& msg);

  transport_actor::pointer self_;
  tcp_options opts_;
  std::vector<caf::actor> listeners_;
};

} // namespace starling::link
