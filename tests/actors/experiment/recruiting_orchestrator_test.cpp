#include "actors/experiment/recruiting_orchestrator.hpp"

#include "tests/actors/experiment/support/growing_cluster.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("actors/experiment/recruiting_orchestrator");

TEST_CASE_FIXTURE(growing_cluster, "only members that are alive are asked for, "
                                   "and those that take part are not") {
  start_job(slow_job({join("a"), join("b")}));
  join("gone");
  find_member("gone").state = member_state::left;
  join("late");
  finish();
  CHECK(asked == std::map<std::string, size_t>{{"late", 1}});
  CHECK((*finished)->nodes == 3);
}

TEST_CASE_FIXTURE(growing_cluster, "who can't be reached is asked for more and "
                                   "more rarely, and taken in when it can") {
  start_job(slow_job({join("a"), join("b")}, "out", 20));
  join("far", {});
  // Asked for at 1 and 3 s; the rests are 1 and 2 looks.
  advance(3500ms);
  CHECK(asked["far"] == 2);
  find_member("far").spawner = add_spawner();
  advance(2s);
  CHECK(asked["far"] == 2);
  advance(1s);
  CHECK(asked["far"] == 3);
  CHECK_FALSE(finished);
  finish();
  CHECK(asked["far"] == 3);
  CHECK((*finished)->nodes == 3);
}

TEST_CASE_FIXTURE(growing_cluster,
                  "a membership that is being replaced is asked again") {
  start_job(slow_job({join("a"), join("b")}));
  caf::anon_send_exit(roles.front(), caf::exit_reason::kill);
  join("late");
  advance(1500ms);
  CHECK(asked.empty());
  roles.front() = sys().spawn([this]() -> caf::behavior {
    return {[this](const list_members&) {
      auto late = member_info{};
      late.id = find_member("late").id;
      late.name = "late";
      return std::vector{late};
    }};
  });
  node.membership.set(caf::actor_cast<membership_actor>(roles.front()));
  finish();
  CHECK((*finished)->nodes == 3);
}

TEST_SUITE_END();
