#include "actors/link/tcp_transport.hpp"

#include <caf/send.hpp>

namespace starling::link {

tcp_transport_state::tcp_transport_state(transport_actor::pointer self,
                                         const tcp_options& opts)
  : self_{self},
    opts_{opts} {
  // nop
}

tcp_transport_state::~tcp_transport_state() {
  for (const auto& listener : listeners_)
    caf::anon_send_exit(listener, caf::exit_reason::user_shutdown);
}

transport_actor::behavior_type tcp_transport_state::make_behavior() {
  return {
    [this](const link_listen& msg) { return listen(msg); },
    [this](const link_dial& msg) { return dial(msg); },
  };
}

caf::result<std::string> tcp_transport_state::listen(const link_listen& msg) {
  auto listening
    = listen_tcp(self_->system(), msg.address, msg.acceptor, opts_);
  if (!listening)
    return std::move(listening.error());
  listeners_.push_back(listening->listener);
  return std::move(listening->address);
}

caf::result<link_opened> tcp_transport_state::dial(const link_dial& msg) {
  auto opts = opts_;
  opts.dial_timeout
    = std::chrono::duration_cast<std::chrono::milliseconds>(msg.timeout);
  auto link = dial_tcp(self_->system(), msg.address, {}, opts);
  if (!link)
    return std::move(link.error());
  return link_opened{std::move(*link), msg.address, true};
}

} // namespace starling::link
