#include "actors/membership/gossip_membership.hpp"

#include "tests/actors/membership/gossip_membership_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::literals;

TEST_SUITE_BEGIN("actors/membership/gossip_membership");

TEST_CASE("ten nodes in a ring know each other within two gossip rounds") {
  // Pushing to three others at once makes news travel like an infection: the
  // farthest of ten in a ring is five hops away, log2(10) = 3.3 rounds.
  auto flock = member_flock{10};
  flock.start();
  for (size_t i = 0; i < 10; ++i)
    flock.join(i, (i + 1) % 10);
  flock.system.advance(2s);
  for (size_t i = 0; i < 10; ++i)
    CHECK(flock.known_to(i).size() == 10);
  // Both ends of every link name it by then.
  for (const auto& one : flock.known_to(3)) {
    CHECK(one.neighbours.size() == 2);
    CHECK(one.state == member_state::alive);
  }
}

TEST_CASE("a node that was cut off is suspect at once, dead later, then back") {
  auto flock = member_flock{3};
  flock.start();
  flock.join(0, 1);
  flock.join(1, 2);
  flock.system.advance(3s);
  CHECK(flock.seen_by(0, 2).state == member_state::alive);
  flock.part(1, 2);
  flock.system.advance(100ms);
  CHECK(flock.seen_by(0, 2).state == member_state::suspect);
  flock.system.advance(7s);
  CHECK(flock.seen_by(0, 2).state == member_state::dead);
  CHECK(flock.seen_by(0, 1).state == member_state::alive);
  flock.join(0, 2);
  flock.system.advance(2s);
  CHECK(flock.seen_by(1, 2).state == member_state::alive);
}

TEST_CASE("a neighbour that hangs is found by probes") {
  auto flock = member_flock{3};
  flock.start();
  flock.join(0, 1);
  flock.join(1, 2);
  flock.join(0, 2);
  flock.system.advance(3s);
  // The session stands, but nobody answers behind it.
  caf::anon_send_exit(flock.at(2).actor, caf::exit_reason::kill);
  flock.at(2).actor = nullptr;
  flock.system.advance(60s);
  CHECK(flock.seen_by(0, 2).state == member_state::dead);
  CHECK(flock.seen_by(1, 2).state == member_state::dead);
  CHECK(flock.seen_by(0, 1).neighbours.size() == 1);
}

TEST_CASE("who leaves says so and is not taken for dead") {
  auto flock = member_flock{3};
  flock.start();
  flock.join(0, 1);
  flock.join(1, 2);
  flock.system.advance(3s);
  CHECK(flock.system.ask<void>(flock.at(2).actor, leave_cluster{}));
  flock.system.advance(1s);
  CHECK(flock.seen_by(0, 2).state == member_state::left);
}

TEST_CASE("an actor that is restarted learns everything anew") {
  auto flock = member_flock{4};
  flock.start();
  flock.join(0, 1);
  flock.join(1, 2);
  flock.join(2, 3);
  flock.system.advance(3s);
  caf::anon_send_exit(flock.at(1).actor, caf::exit_reason::kill);
  flock.system.run();
  flock.at(1).mesh.listeners.clear();
  flock.at(1).start();
  flock.system.run();
  flock.tell_up(0, 1);
  flock.tell_up(2, 1);
  flock.system.advance(2s);
  CHECK(flock.known_to(1).size() == 4);
  CHECK(flock.seen_by(0, 3).state == member_state::alive);
}

TEST_CASE("listeners hear of members that are known and of changes") {
  auto flock = member_flock{2};
  flock.start();
  flock.system.run();
  auto heard = std::vector<member_info>{};
  auto listener
    = flock.system.sys().spawn([&heard](membership_listener_actor::pointer)
                                 -> membership_listener_actor::behavior_type {
        return {
          [&heard](const member_change& msg) { heard.push_back(msg.member); }};
      });
  CHECK(
    flock.system.ask<void>(flock.at(0).actor, caf::subscribe_atom_v, listener));
  CHECK(heard.size() == 1);
  flock.join(0, 1);
  flock.system.advance(100ms);
  CHECK(std::ranges::any_of(
    heard, [&](const auto& x) { return x.id == flock.at(1).context.self; }));
  caf::anon_send_exit(listener, caf::exit_reason::kill);
}

TEST_SUITE_END();
