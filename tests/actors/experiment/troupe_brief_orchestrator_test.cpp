#include "messages/agent.hpp"
#include "messages/zone.hpp"
#include "tests/actors/experiment/support/experiment_fixture.hpp"

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Notes what it is asked to spawn before another spawner does it.
struct watched_spawner {
  std::map<std::string, std::vector<spawn_request>> seen;

  spawner_actor spawn(caf::actor_system& system, spawner_actor other) {
    auto made = system.spawn(
      [this, other](caf::event_based_actor* self) -> caf::behavior {
        return {
          [this, self, other](const spawn_request& msg) {
            seen[msg.type].push_back(msg);
            auto answer = self->make_response_promise<caf::strong_actor_ptr>();
            self->request(other, caf::infinite, msg)
              .then(
                [answer](caf::strong_actor_ptr& x) mutable {
                  answer.deliver(std::move(x));
                },
                [answer](caf::error& x) mutable {
                  answer.deliver(std::move(x));
                });
            return answer;
          },
          [self, other](list_actor_types msg) {
            return self->delegate(other, msg);
          },
        };
      });
    return caf::actor_cast<spawner_actor>(made);
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/troupe_brief_orchestrator");

TEST_CASE_FIXTURE(experiment_fixture,
                  "what the file says reaches the actors as their options") {
  auto watched = watched_spawner{};
  const auto spawner = watched.spawn(sys(), add_spawner());
  const auto done = run_job(job(R"([experiment]
name = "x"
rows_max = 60
seed = 7
row_interval = "30s"
[detector]
name = "mahalanobis"
parameters = { horizon_rows = 20 }
[zones]
monitored_above = 0.7
quarantined_above = 0.9
[summary_tree]
fanout = 3
committee = 2
epoch_rows = 20
)",
                                experiment::local_nodes(spawner, 2)));
  caf::anon_send_exit(spawner, caf::exit_reason::user_shutdown);
  REQUIRE_MESSAGE(done, to_string(done.error()));
  REQUIRE(watched.seen["detector"].size() == 3);
  for (const auto& each : watched.seen["detector"]) {
    const auto& options = each.options;
    CHECK(caf::get_or(options, "scorer", "") == "mahalanobis");
    CHECK(caf::get_or(options, "horizon_rows", 0.0) == 20.0);
    CHECK(caf::get_or(options, "seed", int64_t{0}) == 7);
    CHECK(caf::get_or(options, "explain_above", 0.0) == 0.7);
    CHECK(caf::get_or(options, "alarm_above", 0.0) == 0.9);
  }
  REQUIRE(watched.seen["zone-keeper"].size() == 2);
  const auto& keeper = watched.seen["zone-keeper"].front().options;
  CHECK(caf::get_or(keeper, "monitor_above", 0.0) == 0.7);
  CHECK(caf::get_or(keeper, "quarantine_above", 0.0) == 0.9);
  CHECK(caf::get_or(keeper, "row_interval", caf::timespan{}) == 30s);
  REQUIRE(watched.seen["summary-tree"].size() == 2);
  const auto& tree = watched.seen["summary-tree"].front().options;
  CHECK(caf::get_or(tree, "fanout", int64_t{0}) == 3);
  CHECK(caf::get_or(tree, "committee", int64_t{0}) == 2);
  CHECK(caf::get_or(tree, "epoch_rows", int64_t{0}) == 20);
}

TEST_SUITE_END();
