#include "actors/agent/replay_agent.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>

using namespace starling;
using namespace starling::agent;
using namespace std::chrono_literals;

namespace {

constexpr uint64_t training_rows = 300;
constexpr uint64_t live_rows = 1'000;

/// Three agents between sources, detectors and a keeper that do as the test
/// says.
struct fixture : test::deterministic_system {
  actor_catalog catalog;
  node_context node;
  std::vector<caf::actor> ours;
  std::vector<ring_member> ring;
  zone_keeper_actor keeper;
  std::vector<zone_listener_actor> keeper_listeners;
  /// What the keeper says to whoever listens, when told to.
  std::vector<zone_changed> changes;
  std::vector<behaviour_rows> streamed;
  caf::error detector_refuses;
  std::map<std::string, agent_report> last;
  std::map<std::string, work_tally> work;
  std::vector<route_change> routes;
  size_t outstanding = 0;
  size_t outstanding_most = 0;

  fixture() {
    node.system = &sys();
    REQUIRE_FALSE(add_replay_agent(catalog));
    keeper = own(sys().spawn([this] { return keeper_behavior(); }));
  }

  ~fixture() {
    for (const auto& each : ours)
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }

  template <class Handle>
  Handle own(Handle made) {
    ours.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

  zone_keeper_actor::behavior_type keeper_behavior() {
    return {
      [](const watch_agents&) {},
      [](const score_batch&) {},
      [](const population_summary&) {},
      [](const release_agent&) {},
      [](const query_zone&) { return zone_status{}; },
      [this](caf::subscribe_atom, const zone_listener_actor& listener) {
        keeper_listeners.push_back(listener);
      },
    };
  }

  behaviour_source_actor spawn_source() {
    return own(sys().spawn([this]() -> behaviour_source_actor::behavior_type {
      return {
        [](const describe_behaviour&) {
          return behaviour_description{{"cpu"}, training_rows, live_rows};
        },
        [this](const fetch_rows& asked) {
          outstanding_most = std::max(outstanding_most, ++outstanding);
          auto rows = behaviour_rows{};
          rows.first = asked.first;
          rows.features = 1;
          rows.training = asked.first < training_rows;
          rows.last = asked.first + asked.rows == training_rows + live_rows;
          rows.values.assign(asked.rows, 0.5);
          return rows;
        },
      };
    }));
  }

  detector_actor spawn_detector() {
    return own(sys().spawn([this]() -> detector_actor::behavior_type {
      return {
        [](const detector_start&) {},
        [this](const behaviour_rows& rows) -> caf::result<rows_taken> {
          --outstanding;
          if (detector_refuses)
            return detector_refuses;
          streamed.push_back(rows);
          return rows_taken{rows.first + rows.rows()};
        },
        [](const query_detector&) { return detector_status{}; },
      };
    }));
  }

  agent_listener_actor spawn_listener() {
    return own(sys().spawn([this]() -> agent_listener_actor::behavior_type {
      return {[this](const agent_report& report) {
        last[report.subject] = report;
        auto& sum = work[report.subject];
        sum.delivered += report.work.delivered;
        sum.rerouted += report.work.rerouted;
        sum.refused += report.work.refused;
        sum.dropped += report.work.dropped;
        if (report.subject == "ann")
          routes.insert(routes.end(), report.routes.begin(),
                        report.routes.end());
      }};
    }));
  }

  void gather(caf::settings options = {}) {
    for (const auto* name : {"ann", "bob", "cid"}) {
      auto made = catalog.spawn("replay-agent", node, options);
      REQUIRE_MESSAGE(made, to_string(made.error()));
      ring.push_back({name, own(caf::actor_cast<agent_actor>(*made))});
    }
    const auto listener = spawn_listener();
    for (uint32_t i = 0; i < 3; ++i)
      REQUIRE(
        ask<void>(ring[i].agent, agent_ring{i, ring, {keeper}, listener, {}}));
  }

  void start(size_t index) {
    auto how = agent_stream{};
    how.source = spawn_source();
    how.detector = spawn_detector();
    REQUIRE(ask<void>(ring[index].agent, how));
  }

  void start_all() {
    for (size_t i = 0; i < 3; ++i)
      start(i);
  }

  void change(const std::string& who, uint64_t row, trust_zone zone) {
    auto made = zone_changed{};
    made.subject = who;
    made.row = row;
    made.to = zone;
    say(made);
  }

  /// Says it in the name of the keeper.
  template <class Message>
  void say(const Message& content) {
    for (const auto& listener : keeper_listeners)
      caf::send_as(caf::actor_cast<caf::actor>(keeper), listener, content);
    run();
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/agent/replay_agent");

TEST_CASE_FIXTURE(fixture, "all rows are streamed in order, and no batch is "
                           "both to learn from and to score") {
  gather();
  start(0);
  auto next = uint64_t{0};
  for (const auto& rows : streamed) {
    CHECK(rows.first == next);
    CHECK(rows.training == (rows.first < training_rows));
    next += rows.rows();
  }
  CHECK(next == training_rows + live_rows);
  CHECK(streamed[1].rows() == training_rows - 256);
  CHECK(streamed.back().last);
  CHECK(last["ann"].rows_streamed == next);
  // Work has to wait until the keeper has judged.
  CHECK_FALSE(last["ann"].finished);
}

TEST_CASE_FIXTURE(fixture, "no more batches are under way than the window "
                           "has") {
  auto options = caf::settings{};
  options["window"] = int64_t{2};
  options["batch_rows"] = int64_t{10};
  gather(options);
  start(0);
  CHECK(streamed.size() == 130);
  CHECK(outstanding_most == 2);
}

TEST_CASE_FIXTURE(fixture, "a rate holds back what is not for training") {
  auto options = caf::settings{};
  options["rate"] = 100.0;
  gather(options);
  start(0);
  CHECK(last["ann"].rows_streamed == training_rows);
  advance(3s);
  CHECK(last["ann"].rows_streamed >= training_rows + 280);
  CHECK(last["ann"].rows_streamed <= training_rows + 300);
  advance(8s);
  CHECK(last["ann"].rows_streamed == training_rows + live_rows);
}

TEST_CASE_FIXTURE(fixture, "a detector that is silent has failed, unless no "
                           "timeout is set") {
  const auto silent = own(sys().spawn([]() -> detector_actor::behavior_type {
    return {
      [](const detector_start&) {},
      // As if it had passed the rows on to somebody who never answers.
      [](const behaviour_rows&) -> caf::result<rows_taken> {
        return caf::delegated<rows_taken>{};
      },
      [](const query_detector&) { return detector_status{}; },
    };
  }));
  auto how = agent_stream{};
  how.source = spawn_source();
  how.detector = silent;
  auto patient = caf::settings{};
  patient["request_timeout"] = caf::timespan{0};
  gather(patient);
  REQUIRE(ask<void>(ring[0].agent, how));
  advance(48h);
  CHECK_FALSE(last["ann"].failed);
  ring.clear();
  gather();
  REQUIRE(ask<void>(ring[0].agent, how));
  advance(31s);
  CHECK(last["ann"].failed == caf::sec::request_timeout);
}

TEST_CASE_FIXTURE(fixture, "work follows the horizon") {
  gather();
  start_all();
  CHECK(work["ann"].total() == 0);
  say(zone_horizon{400});
  CHECK(work["ann"].delivered == 400);
  CHECK_FALSE(last["ann"].finished);
  say(zone_horizon{horizon_end});
  for (const auto* name : {"ann", "bob", "cid"}) {
    CHECK(work[name].delivered == live_rows);
    CHECK(work[name].total() == live_rows);
    CHECK(last[name].finished);
  }
}

TEST_CASE_FIXTURE(fixture, "a quarantined agent is cut off at once, its "
                           "neighbours route around it, and it is let in "
                           "again") {
  gather();
  start_all();
  change("bob", 100, trust_zone::quarantined);
  change("bob", 150, trust_zone::monitored);
  say(zone_horizon{horizon_end});
  // What ann has for bob goes to cid for 50 rows.
  CHECK(work["ann"].delivered == live_rows - 50);
  CHECK(work["ann"].rerouted == 50);
  CHECK(work["ann"].refused == 0);
  // What bob sends in these rows is refused.
  CHECK(work["bob"].delivered == live_rows - 50);
  CHECK(work["bob"].refused == 50);
  CHECK(work["cid"].delivered == live_rows);
  REQUIRE(routes.size() == 2);
  CHECK(routes[0].row == 100);
  CHECK(routes[0].from == "bob");
  CHECK(routes[0].to == "cid");
  CHECK(routes[1].row == 150);
  CHECK(routes[1].to == "bob");
  const auto status = ask<agent_status>(ring[1].agent, query_agent{});
  REQUIRE(status);
  CHECK(status->zone == trust_zone::monitored);
  CHECK(status->work.refused == 50);
}

TEST_CASE_FIXTURE(fixture, "behaviour is streamed on in quarantine, so that "
                           "there is a way back") {
  gather();
  change("ann", 0, trust_zone::isolated);
  start(0);
  CHECK(last["ann"].rows_streamed == training_rows + live_rows);
}

TEST_CASE_FIXTURE(fixture, "only the keepers of the ring are believed") {
  gather();
  start_all();
  auto forged = zone_changed{};
  forged.subject = "bob";
  forged.to = trust_zone::isolated;
  for (const auto& member : ring) {
    tell(member.agent, forged);
    tell(member.agent, zone_horizon{horizon_end});
  }
  CHECK(work["ann"].total() == 0);
  say(zone_horizon{horizon_end});
  CHECK(work["ann"].delivered == live_rows);
}

TEST_CASE_FIXTURE(fixture, "work of a stranger is refused") {
  gather();
  const auto taken = ask<work_receipt>(ring[0].agent, work_items{"bob", 0, 9});
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == ec::unknown_name);
}

TEST_CASE_FIXTURE(fixture, "an agent that is gone is passed over") {
  gather();
  start(0);
  start(2);
  caf::anon_send_exit(ring[1].agent, caf::exit_reason::kill);
  run();
  say(zone_horizon{horizon_end});
  CHECK(work["ann"].rerouted == live_rows);
  CHECK(work["cid"].delivered == live_rows);
  CHECK(last["ann"].finished);
}

TEST_CASE_FIXTURE(fixture, "a detector that fails is reported, and a new one "
                           "gets all rows again") {
  gather();
  detector_refuses = caf::make_error(ec::malformed_input, "no");
  start(0);
  CHECK(last["ann"].failed == ec::malformed_input);
  CHECK(streamed.empty());
  detector_refuses = {};
  outstanding = 0;
  auto how = agent_stream{spawn_source(), spawn_detector(), 0, 2};
  REQUIRE(ask<void>(ring[0].agent, how));
  CHECK(streamed.front().first == 0);
  CHECK(last["ann"].rows_streamed == training_rows + live_rows);
  CHECK(last["ann"].attempt == 2);
}

TEST_CASE_FIXTURE(fixture, "work that was done before is not done again") {
  gather();
  for (size_t i = 0; i < 3; ++i) {
    auto how = agent_stream{spawn_source(), spawn_detector(), 600, 1};
    REQUIRE(ask<void>(ring[i].agent, how));
  }
  say(zone_horizon{horizon_end});
  CHECK(work["ann"].delivered == live_rows - 600);
}

TEST_CASE_FIXTURE(fixture, "streaming before there is a ring is an error") {
  auto made = catalog.spawn("replay-agent", node, {});
  REQUIRE(made);
  const auto agent = own(caf::actor_cast<agent_actor>(*made));
  const auto started = ask<void>(agent, agent_stream{});
  REQUIRE_FALSE(started);
  CHECK(started.error() == ec::wrong_state);
  CHECK_FALSE(ask<void>(agent, agent_ring{}));
}

TEST_SUITE_END();
