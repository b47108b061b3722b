#pragma once

#include <caf/error.hpp>
#include <caf/io/broker.hpp>

#include <utility>

namespace starling::event_loop {

/// A broker that lives in the event loop but owns none of CAF's connections.
///
/// CAF's own leaves its mailbox open when it ends (0.18.7: `abstract_broker`
/// skips what `scheduled_actor` does there), so requests that wait in it, or
/// come later, are never answered. This one answers them with an error, as
/// every other actor does.
class bare_broker : public caf::io::broker {
public:
  using caf::io::broker::broker;

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    return caf::scheduled_actor::cleanup(std::move(reason), host);
  }
};

} // namespace starling::event_loop
