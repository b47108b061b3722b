#include "actors/scale/generated_source.hpp"

#include "tests/support/deterministic_system.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <doctest/doctest.h>

using namespace starling;
using namespace starling::scale;

namespace {

struct fixture : test::deterministic_system {
  generated_source_actor source;

  fixture() {
    using impl = generated_source_actor::stateful_impl<generated_source_state>;
    source = sys().spawn<impl>(generated_source_options{
      .plan = {.agents = 10, .training_rows = 20, .live_rows = 30},
      .index = 4,
      .gate = 10,
      .waiting_max = 2});
  }

  ~fixture() {
    caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  }

  caf::expected<behaviour_rows> fetch(uint64_t first, uint32_t rows) {
    return ask<behaviour_rows>(source, fetch_rows{first, rows});
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/scale/generated_source");

TEST_CASE_FIXTURE(fixture, "it says how many rows of which kind there are") {
  const auto found = ask<behaviour_description>(source, describe_behaviour{});
  REQUIRE(found);
  CHECK(found->features.size() == 8);
  CHECK(found->training_rows == 20);
  CHECK(found->live_rows == 30);
}

TEST_CASE_FIXTURE(fixture, "rows are the same whenever they are fetched") {
  const auto first = fetch(0, 20);
  REQUIRE(first);
  CHECK(first->training);
  CHECK_FALSE(first->last);
  const auto later = fetch(20, 10);
  REQUIRE(later);
  CHECK_FALSE(later->training);
  const auto again = fetch(0, 20);
  REQUIRE(again);
  CHECK(again->values == first->values);
  auto skipping = fetch(25, 5);
  REQUIRE(skipping);
  CHECK(skipping->values.front() == later->values[5 * 8]);
}

TEST_CASE_FIXTURE(fixture, "rows behind the gate wait until it has moved") {
  auto got = false;
  self()->send(source, fetch_rows{30, 20});
  run();
  CHECK_FALSE(self()->has_next_message());
  tell(source, caf::open_atom_v, uint64_t{10});
  CHECK_FALSE(self()->has_next_message());
  tell(source, caf::open_atom_v, uint64_t{11});
  REQUIRE(self()->has_next_message());
  self()->receive([&](const behaviour_rows& rows) {
    got = true;
    CHECK(rows.first == 30);
    CHECK(rows.last);
  });
  CHECK(got);
  CHECK(fetch(30, 10));
  self()->send(source, fetch_rows{40, 10});
  run();
  CHECK_FALSE(self()->has_next_message());
  tell(source, caf::open_atom_v, uint64_t{30});
  CHECK(self()->has_next_message());
}

TEST_CASE_FIXTURE(fixture, "more than a few don't wait") {
  self()->send(source, fetch_rows{30, 10});
  self()->send(source, fetch_rows{40, 10});
  run();
  CHECK(fetch(30, 10).error() == ec::limit_reached);
  tell(source, caf::open_atom_v, uint64_t{30});
}

TEST_CASE_FIXTURE(fixture, "rows of two kinds, or none, are refused") {
  CHECK(fetch(15, 10).error() == ec::invalid_option);
  CHECK(fetch(0, 0).error() == ec::invalid_option);
  CHECK(fetch(50, 1).error() == ec::invalid_option);
  CHECK(fetch(20, 31).error() == ec::invalid_option);
}

TEST_SUITE_END();
