#include "runtime/event_loop/bare_broker.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;

namespace {

/// Ends when told to; answers questions.
class ending final : public event_loop::bare_broker {
public:
  using bare_broker::bare_broker;

  caf::behavior make_behavior() override {
    return {
      [this](caf::close_atom) { quit(); },
      [](caf::get_atom) { return uint64_t{1}; },
    };
  }
};

struct fixture {
  deterministic_system test{network::simulated};
  caf::actor uut;

  fixture() {
    auto cfg = caf::actor_config{&test.sys().middleman().backend()};
    uut = caf::actor_cast<caf::actor>(
      test.sys().spawn_impl<ending, caf::no_spawn_options>(cfg));
    test.run();
  }

  static void check_refused(const caf::expected<uint64_t>& answer) {
    REQUIRE(!answer);
    // What `ask` returns if there is no answer at all.
    CHECK(answer.error() != caf::sec::request_timeout);
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/event_loop/bare_broker");

TEST_CASE_FIXTURE(fixture, "a question is answered") {
  CHECK(test.ask<uint64_t>(uut, caf::get_atom_v) == uint64_t{1});
  test.tell(uut, caf::close_atom_v);
}

TEST_CASE_FIXTURE(fixture, "a question that waits at the end gets an error") {
  caf::anon_send(uut, caf::close_atom_v);
  check_refused(test.ask<uint64_t>(uut, caf::get_atom_v));
}

TEST_CASE_FIXTURE(fixture, "a question that comes too late gets an error") {
  test.tell(uut, caf::close_atom_v);
  check_refused(test.ask<uint64_t>(uut, caf::get_atom_v));
}

TEST_SUITE_END();
