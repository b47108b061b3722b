#pragma once

#include "messages/error.hpp"
#include "runtime/result.hpp"

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/timespan.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace starling::control {

/// Returns an actor's error as those outside the actor system understand it.
inline failure to_failure(const caf::error& reason) {
  const auto& context = reason.context();
  const auto text = context.match_elements<std::string>()
                      ? context.get_as<std::string>(0)
                      : to_string(reason);
  if (reason.category() == caf::type_id_v<ec>)
    return {static_cast<ec>(reason.code()), text};
  if (reason == caf::sec::request_timeout)
    return {ec::timed_out, "the actor did not answer in time"};
  if (reason == caf::sec::request_receiver_down
      || reason == caf::sec::remote_lookup_failed
      || reason == caf::sec::cannot_connect_to_node)
    return {ec::connection_closed, "the actor, or the way to it, is gone"};
  // Whoever was asked was there when the question came.
  if (reason == caf::exit_reason::remote_link_unreachable)
    return {ec::connection_closed, "the connection to the actor's node was "
                                   "lost before it answered; ask again, as "
                                   "sessions are renewed by themselves"};
  if (reason.category() == caf::type_id_v<caf::exit_reason>)
    return {ec::connection_closed,
            "the actor ended before it answered (" + text + ")"};
  if (reason == caf::sec::unexpected_message
      || reason == caf::sec::unexpected_response)
    return {ec::protocol_violation, "the actor does not take this message"};
  return {ec::wrong_state, text};
}

/// Asks an actor from a thread that is none, and waits for the answer `T`.
/// Errors: those of the actor, timed_out, wrong_state (`to` is empty: that
/// part of the node does not stand).
template <class T, class Handle, class Message>
result<T> ask(caf::actor_system& system, const Handle& to,
              caf::timespan timeout, Message&& message) {
  if (!to)
    return failure{ec::wrong_state, "that part of the node does not run"};
  auto self = caf::scoped_actor{system};
  auto problem = std::optional<failure>{};
  auto fail = [&](const caf::error& reason) { problem = to_failure(reason); };
  auto response = self->request(to, timeout, std::forward<Message>(message));
  if constexpr (std::is_void_v<T>) {
    response.receive([] {}, fail);
    return problem ? result<void>{*problem} : result<void>{};
  } else {
    auto answer = std::optional<T>{};
    response.receive([&](T& value) { answer = std::move(value); }, fail);
    if (problem)
      return *problem;
    return result<T>{std::move(*answer)};
  }
}

} // namespace starling::control
