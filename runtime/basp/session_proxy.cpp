#include "runtime/basp/session_proxy.hpp"

#include "runtime/basp/session_broker.hpp"

#include <caf/detail/serialized_size.hpp>

#include <utility>

namespace starling::basp {

bool session_proxy::enqueue(caf::mailbox_element_ptr what,
                            caf::execution_unit* context) {
  const auto sender = what->sender;
  const auto mid = what->mid;
  const auto room = backlog_.enter(
    [&] { return caf::detail::serialized_size(home_system(), what->payload); });
  if (!room) {
    if (mid.is_request())
      session_broker::bounce(
        sender, mid,
        caf::make_error(ec::limit_reached,
                        "more is written to the receiver than goes out"));
    else
      backlog_.note_lost();
    // Refused, which says nothing of the receiver: it is not gone.
    return true;
  }
  if (caf::forwarding_actor_proxy::enqueue(std::move(what), context))
    return true;
  session_broker::bounce(
    sender, mid, caf::make_error(caf::exit_reason::remote_link_unreachable));
  return false;
}

} // namespace starling::basp
