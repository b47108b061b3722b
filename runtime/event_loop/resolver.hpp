#pragma once

#include "runtime/event_loop/socket.hpp"

#include <caf/actor.hpp>
#include <caf/byte_buffer.hpp>

#include <vector>

namespace starling::event_loop {

/// Spawns an actor that asks the name servers on a thread of its own, so that
/// nobody waits with it. It takes one `(resolve_atom, std::string host,
/// uint16_t port)`, answers with bytes for `unpack_addresses` and ends.
/// Errors: unreachable.
[[nodiscard]] caf::actor spawn_resolver(caf::actor_system& system);

/// Reads a resolver's answer: the addresses in the order to try them.
[[nodiscard]] std::vector<socket_address>
unpack_addresses(const caf::byte_buffer& bytes);

} // namespace starling::event_loop
