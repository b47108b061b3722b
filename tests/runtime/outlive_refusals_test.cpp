#include "runtime/outlive_refusals.hpp"

#include "messages/error.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

using namespace starling;

namespace {

struct fixture : test::deterministic_system {
  caf::actor refuses = sys().spawn([]() -> caf::behavior {
    return {[](int) -> caf::result<void> {
      return caf::make_error(ec::wrong_state, "not now");
    }};
  });

  /// Sends to one that refuses; returns whether it lives on.
  bool lives(bool prepared) {
    auto ended = false;
    auto sends = sys().spawn([this, prepared](caf::event_based_actor* self) {
      if (prepared)
        outlive_refusals(*self);
      self->send(refuses, 1);
      return caf::behavior{[](int) {
        // nop
      }};
    });
    sends->attach_functor([&ended] { ended = true; });
    run();
    const auto result = !ended;
    caf::anon_send_exit(sends, caf::exit_reason::user_shutdown);
    run();
    return result;
  }

  ~fixture() {
    caf::anon_send_exit(refuses, caf::exit_reason::user_shutdown);
    run();
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/outlive_refusals");

TEST_CASE_FIXTURE(fixture, "who sends to one that refuses ends, unless it was "
                           "prepared") {
  CHECK_FALSE(lives(false));
  CHECK(lives(true));
}

TEST_SUITE_END();
