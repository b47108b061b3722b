#include "actors/link/memory_transport.hpp"

#include <string_view>
#include <utility>

namespace starling::link {

namespace {

constexpr std::string_view scheme = "memory://";

} // namespace

memory_transport_state::memory_transport_state(transport_actor::pointer self,
                                               memory_exchange* exchange,
                                               std::string place)
  : self_{self},
    exchange_{exchange},
    place_{std::move(place)} {
  // nop
}

memory_transport_state::~memory_transport_state() {
  for (const auto& address : listening_)
    exchange_->unlisten(address);
}

transport_actor::behavior_type memory_transport_state::make_behavior() {
  return {
    [this](const link_listen& msg) { return listen(msg); },
    [this](const link_dial& msg) { return dial(msg); },
  };
}

caf::result<std::string>
memory_transport_state::listen(const link_listen& msg) {
  if (!msg.address.starts_with(scheme))
    return caf::make_error(ec::invalid_option,
                           "not a memory address: " + msg.address);
  auto where = msg.address.substr(scheme.size());
  auto address = exchange_->listen(self_->system(), where, msg.acceptor);
  if (!address)
    return std::move(address.error());
  listening_.push_back(std::move(where));
  return std::move(*address);
}

caf::result<link_opened> memory_transport_state::dial(const link_dial& msg) {
  auto link = exchange_->dial(self_->system(), place_, msg.address);
  if (!link)
    return std::move(link.error());
  return link_opened{std::move(*link), msg.address, true};
}

} // namespace starling::link
