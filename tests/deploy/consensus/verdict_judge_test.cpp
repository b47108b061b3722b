#include "deploy/consensus/verdict_judge.hpp"

#include "deploy/consensus/containment_guard.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::deploy;

namespace {

score_batch batch_of(const std::string& subject, std::vector<double> levels) {
  auto result = score_batch{};
  result.subject = subject;
  result.scores = levels;
  result.levels = std::move(levels);
  return result;
}

} // namespace

TEST_SUITE_BEGIN("deploy/consensus/verdict_judge");

TEST_CASE_FIXTURE(test::deterministic_system,
                  "the recorder notes alarms only, and hands on all") {
  auto heard = size_t{0};
  auto keeper = sys().spawn(
    [&](score_listener_actor::pointer) -> score_listener_actor::behavior_type {
      return {[&](const score_batch&) { ++heard; }};
    });
  auto times = std::make_shared<alarm_times>();
  using impl = score_listener_actor::stateful_impl<alarm_recorder_state>;
  score_listener_actor recorder
    = sys().spawn<impl>(times, std::vector<score_listener_actor>{keeper});
  tell(recorder, batch_of("a", {0.2, 0.95}));
  CHECK(times->of("a") == 0);
  tell(recorder, batch_of("a", {0.2, 0.96}));
  const auto first = times->of("a");
  CHECK(first > 0);
  tell(recorder, batch_of("a", {0.99}));
  CHECK(times->of("a") == first);
  CHECK(heard == 3);
  caf::anon_send_exit(recorder, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(test::deterministic_system,
                  "a guard refuses work from the verdict on, until release") {
  auto times = std::make_shared<containment_times>();
  using impl = containment_guard_actor::stateful_impl<containment_guard_state>;
  containment_guard_actor guard = sys().spawn<impl>(times);
  const auto refused = [&] {
    const auto receipt = ask<work_receipt>(guard, work_items{"a", 0, 3});
    REQUIRE(receipt);
    CHECK(receipt->accepted + receipt->refused == 3);
    return receipt->refused;
  };
  auto change = zone_changed{};
  change.subject = "a";
  change.to = trust_zone::monitored;
  tell(guard, change);
  CHECK(refused() == 0);
  CHECK(times->all().empty());
  change.to = trust_zone::quarantined;
  tell(guard, change);
  CHECK(refused() == 3);
  CHECK(times->all().count("a") == 1);
  change.to = trust_zone::monitored;
  tell(guard, change);
  CHECK(refused() == 0);
  CHECK(times->heard() == 3);
  caf::anon_send_exit(guard, caf::exit_reason::user_shutdown);
}

TEST_SUITE_END();
