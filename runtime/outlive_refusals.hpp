#pragma once

#include <caf/error.hpp>

namespace starling {

/// Has an actor outlive that others refuse what it sent.
///
/// CAF answers a message that was sent without asking for an answer, too, if
/// its handler returns an error; and an actor that gets an error which belongs
/// to no request ends with it. So a session that ends with a packet on its way
/// to it would end the mesh. Whoever wants to know what became of a message
/// asks for an answer. Source: CAF 0.18, `response_promise::deliver` and
/// `scheduled_actor::default_error_handler`.
template <class Actor>
void outlive_refusals(Actor& self) {
  self.set_error_handler([](caf::error&) {
    // nop
  });
}

} // namespace starling
