#include "runtime/event_loop/resolver.hpp"

#include "messages/error.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <cstring>

namespace starling::event_loop {

namespace {

// The answer never leaves the process, so the array itself will do.
static_assert(std::is_trivially_copyable_v<socket_address>);

caf::behavior resolver(caf::event_based_actor* self) {
  return {
    [self](caf::resolve_atom, const std::string& host,
           uint16_t port) -> caf::result<caf::byte_buffer> {
      self->quit();
      const auto found = look_up(host, port);
      if (!found)
        return caf::make_error(found.error().code, found.error().text);
      auto bytes = caf::byte_buffer(found->size() * sizeof(socket_address));
      std::memcpy(bytes.data(), found->data(), bytes.size());
      return bytes;
    },
  };
}

} // namespace

caf::actor spawn_resolver(caf::actor_system& system) {
  return system.spawn<caf::detached>(resolver);
}

std::vector<socket_address> unpack_addresses(const caf::byte_buffer& bytes) {
  auto result
    = std::vector<socket_address>(bytes.size() / sizeof(socket_address));
  for (size_t i = 0; i < result.size(); ++i)
    std::memcpy(static_cast<void*>(&result[i]),
                bytes.data() + i * sizeof(socket_address),
                sizeof(socket_address));
  return result;
}

} // namespace starling::event_loop
