#include "deploy/control/ask.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <doctest/doctest.h>

#include <chrono>

using namespace starling;
using namespace std::chrono_literals;

namespace {

/// Asks an actor that answers everything with an error.
failure told(const caf::error& reason) {
  auto config = caf::actor_system_config{};
  auto system = caf::actor_system{config};
  auto actor = system.spawn([reason](caf::event_based_actor*) -> caf::behavior {
    return {[reason](int) { return caf::result<void>{reason}; }};
  });
  const auto answer = control::ask<void>(system, actor, 10s, 1);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  REQUIRE_FALSE(answer);
  return answer.error();
}

} // namespace

TEST_SUITE_BEGIN("deploy/control/ask");

TEST_CASE("an actor's own error comes as it is") {
  const auto reason = told(caf::make_error(ec::limit_reached, "too many"));
  CHECK(reason.code == ec::limit_reached);
  CHECK(reason.text == "too many");
}

TEST_CASE("what went wrong on the way is told in words") {
  const auto lost = told(caf::exit_reason::remote_link_unreachable);
  CHECK(lost.code == ec::connection_closed);
  CHECK(lost.text.find("ask again") != std::string::npos);
  const auto ended = told(caf::exit_reason::user_shutdown);
  CHECK(ended.code == ec::connection_closed);
  CHECK(ended.text.find("user_shutdown") != std::string::npos);
  CHECK(told(caf::sec::request_timeout).code == ec::timed_out);
  CHECK(told(caf::sec::request_receiver_down).code == ec::connection_closed);
  CHECK(told(caf::sec::unexpected_message).code == ec::protocol_violation);
  CHECK(told(caf::sec::runtime_error).code == ec::wrong_state);
}

TEST_CASE("a part of the node that does not stand can't be asked") {
  auto config = caf::actor_system_config{};
  auto system = caf::actor_system{config};
  const auto answer = control::ask<void>(system, caf::actor{}, 1s, 1);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == ec::wrong_state);
}

TEST_SUITE_END();
