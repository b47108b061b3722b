#include "tests/actors/supervisor/supervisor_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::literals;

using names = std::vector<std::string>;

TEST_SUITE_BEGIN("actors/supervisor/tree_supervisor");

TEST_CASE_FIXTURE(supervisor_fixture, "a child that crashes comes back") {
  spawn();
  start_abc();
  subscribe();
  const auto before = child("b");
  SUBCASE("by an exception in a handler") {
    crash("b");
  }
  SUBCASE("by quitting with an error") {
    test.tell(before, caf::close_atom_v, caf::make_error(ec::file_error));
  }
  SUBCASE("by a kill") {
    caf::anon_send_exit(before, caf::exit_reason::kill);
    test.run();
  }
  CHECK(log == names{"-b", "+b"});
  const auto after = child("b");
  CHECK(after != before);
  CHECK(*test.ask<int>(after, caf::get_atom_v) == 42);
  REQUIRE(restarts.size() == 1);
  CHECK(restarts[0].name == "b");
  CHECK(caf::actor_cast<caf::actor>(restarts[0].actor) == after);
  CHECK(restarts[0].reason);
}

TEST_CASE_FIXTURE(supervisor_fixture, "children are listed in order of start") {
  spawn();
  for (const auto* name : {"c", "a", "b"})
    start(name);
  crash("a");
  auto all = test.ask<std::vector<child_status>>(uut, list_children{});
  REQUIRE(all);
  REQUIRE(all->size() == 3);
  CHECK((*all)[0].name == "c");
  CHECK((*all)[1].name == "a");
  CHECK((*all)[2].name == "b");
  CHECK((*all)[1].type == "worker");
  CHECK((*all)[1].restarts == 1);
  CHECK((*all)[1].last_reason);
  CHECK((*all)[0].restarts == 0);
  CHECK(!(*all)[0].last_reason);
}

TEST_CASE_FIXTURE(supervisor_fixture,
                  "one-for-all stops all, then starts all") {
  spawn({{"strategy", caf::config_value{"one-for-all"}}});
  start_abc();
  crash("b");
  CHECK(log == names{"-b", "-c", "-a", "+a", "+b", "+c"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "rest-for-one leaves the earlier alone") {
  spawn({{"strategy", caf::config_value{"rest-for-one"}}});
  start_abc();
  crash("b");
  CHECK(log == names{"-b", "-c", "+b", "+c"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "new children wait for the old to end") {
  spawn({{"strategy", caf::config_value{"one-for-all"}}});
  start("a", {{"slow", caf::config_value{true}}});
  start("b", {{"slow", caf::config_value{true}}});
  start("c");
  log.clear();
  crash("c");
  CHECK(log == names{"-c"});
  test.advance(999ms);
  CHECK(log == names{"-c"});
  test.advance(1ms);
  CHECK(log == names{"-c", "-b"});
  SUBCASE("and a failure meanwhile joins") {
    caf::anon_send_exit(child("a"), caf::exit_reason::kill);
    test.run();
  }
  SUBCASE("each in its time") {
    test.advance(1s);
  }
  CHECK(log == names{"-c", "-b", "-a", "+a", "+b", "+c"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "a child that does not stop is killed") {
  spawn({{"strategy", caf::config_value{"one-for-all"}},
         {"stop-timeout", caf::config_value{caf::timespan{3s}}}});
  start("a", {{"deaf", caf::config_value{true}}});
  start("b");
  log.clear();
  crash("b");
  test.advance(2999ms);
  CHECK(log == names{"-b"});
  test.advance(1ms);
  CHECK(log == names{"-b", "-a", "+a", "+b"});
}

TEST_CASE_FIXTURE(supervisor_fixture,
                  "a normal end is final unless permanent") {
  spawn();
  start("p");
  start("t", {{"restart", caf::config_value{"transient"}}});
  start("x", {{"restart", caf::config_value{"temporary"}}});
  log.clear();
  SUBCASE("normal") {
    for (const auto* name : {"p", "t", "x"})
      test.tell(child(name), caf::close_atom_v, caf::error{});
    CHECK(log == names{"-p", "+p", "-t", "-x"});
  }
  SUBCASE("abnormal") {
    for (const auto* name : {"p", "t", "x"})
      crash(name);
    CHECK(log == names{"-p", "+p", "-t", "+t", "-x"});
  }
  // A temporary child that is over is no child any more.
  auto gone = test.ask<caf::strong_actor_ptr>(uut, find_child{"x"});
  REQUIRE(!gone);
  CHECK(gone.error() == ec::unknown_name);
}

TEST_CASE_FIXTURE(supervisor_fixture, "too many restarts are handed upwards") {
  spawn({{"intensity", caf::config_value{2}},
         {"period", caf::config_value{caf::timespan{10s}}}});
  start_abc();
  auto reason = caf::error{};
  uut->attach_functor([&](const caf::error& why) { reason = why; });
  crash("a");
  test.advance(4s);
  crash("b");
  test.advance(4s);
  log.clear();
  crash("b");
  CHECK(log == names{"-b", "-c", "-a"});
  CHECK(reason == ec::limit_reached);
  CHECK(to_string(reason).find("'b'") != std::string::npos);
  CHECK(to_string(reason).find("runtime_error") != std::string::npos);
}

TEST_CASE_FIXTURE(supervisor_fixture, "restarts spread over time go on") {
  spawn({{"intensity", caf::config_value{2}},
         {"period", caf::config_value{caf::timespan{10s}}}});
  start_abc();
  for (auto i = 0; i < 20; ++i) {
    crash("a");
    test.advance(6s);
  }
  CHECK(log.size() == 40);
}

TEST_CASE_FIXTURE(supervisor_fixture,
                  "a start that fails counts as a restart") {
  spawn({{"intensity", caf::config_value{3}}});
  start_abc();
  SUBCASE("and is tried again") {
    failing_starts = 2;
    crash("b");
    CHECK(log == names{"-b", "+b"});
  }
  SUBCASE("until it is too much") {
    failing_starts = 3;
    crash("b");
    CHECK(log == names{"-b", "-c", "-a"});
  }
}

TEST_CASE_FIXTURE(supervisor_fixture, "the wait before a restart grows") {
  spawn({{"backoff", caf::config_value{caf::timespan{1s}}},
         {"jitter", caf::config_value{0.0}},
         {"period", caf::config_value{caf::timespan{1min}}}});
  start_abc();
  crash("a");
  CHECK(log == names{"-a"});
  auto away = test.ask<caf::strong_actor_ptr>(uut, find_child{"a"});
  REQUIRE(!away);
  CHECK(away.error() == ec::wrong_state);
  test.advance(1s);
  CHECK(log == names{"-a", "+a"});
  crash("a");
  test.advance(1999ms);
  CHECK(log == names{"-a", "+a", "-a"});
  SUBCASE("but not beyond a stop") {
    CHECK(test.ask<void>(uut, stop_child{"a"}));
    test.advance(1min);
    CHECK(log == names{"-a", "+a", "-a"});
  }
  SUBCASE("and ends with the restart") {
    test.advance(1ms);
    CHECK(log == names{"-a", "+a", "-a", "+a"});
  }
}

TEST_CASE_FIXTURE(supervisor_fixture, "a stopped child stays away") {
  spawn();
  start("a", {{"slow", caf::config_value{true}}});
  start("b");
  log.clear();
  test.self()->request(uut, caf::infinite, stop_child{"a"});
  test.run();
  CHECK(log.empty());
  test.advance(1s);
  CHECK(log == names{"-a"});
  auto again = test.ask<void>(uut, stop_child{"a"});
  REQUIRE(!again);
  CHECK(again.error() == ec::unknown_name);
  CHECK(test.ask<void>(uut, stop_child{"b"}));
  CHECK(log == names{"-a", "-b"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "what can't be started is refused") {
  spawn({{"children-max", caf::config_value{2}}});
  start("a");
  const auto refusal = [this](start_child what) {
    auto result = test.ask<caf::strong_actor_ptr>(uut, std::move(what));
    REQUIRE(!result);
    return result.error();
  };
  CHECK(refusal(spec("a")) == ec::duplicate_name);
  CHECK(refusal({"b", "no-such-type", {}}) == ec::unknown_name);
  CHECK(refusal(spec("b", {{"odd", caf::config_value{1}}}))
        == ec::invalid_option);
  CHECK(refusal(spec("b", {{"restart", caf::config_value{"maybe"}}}))
        == ec::invalid_option);
  start("b");
  CHECK(refusal(spec("c")) == ec::limit_reached);
}

TEST_CASE_FIXTURE(supervisor_fixture,
                  "an exit message stops in reverse order") {
  spawn();
  start_abc();
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  test.run();
  CHECK(log == names{"-c", "-b", "-a"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "a killed supervisor takes all along") {
  spawn();
  start("a", {{"deaf", caf::config_value{true}}});
  start("b", {{"slow", caf::config_value{true}}});
  log.clear();
  caf::anon_send_exit(uut, caf::exit_reason::kill);
  test.run();
  CHECK(log == names{"-a", "-b"});
}

TEST_CASE_FIXTURE(supervisor_fixture, "a supervisor can have supervisors") {
  spawn({{"intensity", caf::config_value{1}}});
  auto leaf = caf::settings{
    {"name", caf::config_value{"leaf"}},
    {"type", caf::config_value{"worker"}},
    {"options",
     caf::config_value{caf::settings{{"name", caf::config_value{"leaf"}}}}},
  };
  auto inner = caf::settings{
    {"intensity", caf::config_value{1}},
    {"children",
     caf::config_value{caf::config_value::list{caf::config_value{leaf}}}},
  };
  REQUIRE(test.ask<caf::strong_actor_ptr>(
    uut, start_child{"inner", "supervisor", inner}));
  CHECK(log == names{"+leaf"});
  const auto crash_leaf = [this] {
    auto below = caf::actor_cast<supervisor_actor>(child("inner"));
    auto found = test.ask<caf::strong_actor_ptr>(below, find_child{"leaf"});
    REQUIRE(found);
    test.tell(caf::actor_cast<caf::actor>(*found), caf::reset_atom_v);
  };
  crash_leaf();
  crash_leaf();
  // The second was too much for the inner one, which has been restarted with
  // its child.
  CHECK(log == names{"+leaf", "-leaf", "+leaf", "-leaf", "+leaf"});
  auto all = test.ask<std::vector<child_status>>(uut, list_children{});
  REQUIRE(all);
  CHECK(all->at(0).restarts == 1);
  CHECK(all->at(0).last_reason == ec::limit_reached);
}

TEST_SUITE_END();
