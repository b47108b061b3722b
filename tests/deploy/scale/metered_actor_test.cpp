#include "deploy/scale/metered_actor.hpp"

#include "messages/tree.hpp"
#include "messages/zone.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/io/basp/header.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::deploy;

namespace {

using teller_actor = caf::typed_actor<caf::result<zone_status>(query_zone),
                                      caf::result<void>(caf::subscribe_atom,
                                                        zone_listener_actor)>;

struct fixture : test::deterministic_system {
  traffic_meter meter{sys()};
  caf::actor_addr asked_by;
  zone_listener_actor subscribed;
  teller_actor teller;
  zone_listener_actor listener;

  fixture() {
    teller = sys().spawn(
      [this](teller_actor::pointer self) -> teller_actor::behavior_type {
        return {
          [this, self](const query_zone&) {
            asked_by = self->current_sender()->address();
            return zone_status{trust_zone::monitored, 7, 8, 9};
          },
          [this](caf::subscribe_atom, const zone_listener_actor& who) {
            subscribed = who;
          },
        };
      });
    listener = sys().spawn(
      [](zone_listener_actor::pointer) -> zone_listener_actor::behavior_type {
        return {[](const zone_changed&) {}, [](const zone_horizon&) {}};
      });
  }

  ~fixture() {
    subscribed = nullptr;
    caf::anon_send_exit(teller, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(listener, caf::exit_reason::user_shutdown);
  }
};

} // namespace

TEST_SUITE_BEGIN("deploy/scale/metered_actor");

TEST_CASE_FIXTURE(fixture, "a message over a metered handle comes, counted") {
  const auto distant = meter.handle_of(teller);
  CHECK(distant != teller);
  CHECK(meter.handle_of(teller) == distant);
  const auto answer = ask<zone_status>(distant, query_zone{"bob"});
  REQUIRE(answer);
  CHECK(answer->since == 7);
  CHECK(meter.total().messages == 1);
  // A message has its types and the name's length beside the name.
  CHECK(meter.total().bytes > caf::io::basp::header_size + 3);
  CHECK(meter.total().bytes < caf::io::basp::header_size + 20);
  CHECK(meter.by_type().count("starling::query_zone") == 1);
  meter.reset();
  CHECK(meter.total() == traffic{});
}

TEST_CASE_FIXTURE(fixture, "answers go over the sender's metered handle") {
  const auto distant = meter.handle_of(teller);
  const auto self_distant
    = meter.handle_of(caf::actor_cast<caf::actor>(self()));
  self()->send(distant, query_zone{"bob"});
  run();
  CHECK(asked_by == self_distant.address());
  CHECK(meter.total().messages == 2);
  self()->receive([](const zone_status&) {});
}

TEST_CASE_FIXTURE(fixture, "who subscribes from afar is told over a meter") {
  const auto distant = meter.handle_of(teller);
  const auto heard = meter.handle_of(listener);
  tell(distant, caf::subscribe_atom_v, listener);
  CHECK(subscribed == heard);
  tell(teller, caf::subscribe_atom_v, listener);
  CHECK(subscribed == listener);
}

TEST_SUITE_END();
