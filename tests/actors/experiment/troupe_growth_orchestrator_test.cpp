#include "tests/actors/experiment/support/growing_cluster.hpp"

#include <nlohmann/json.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

struct fixture : growing_cluster {
  using growing_cluster::growing_cluster;

  /// What comes of it when nothing happens.
  std::string undisturbed() {
    start_job(slow_job({join("a"), join("b")}, "undisturbed"));
    finish();
    members.clear();
    return file("scores.csv", "undisturbed");
  }

  /// What the summary says of a node.
  nlohmann::json seat(const std::string& name) {
    const auto summary = nlohmann::json::parse(file("summary.json"));
    for (const auto& each : summary.at("nodes"))
      if (each.at("name") == name)
        return each;
    return nullptr;
  }

  size_t events(const std::string& what) {
    const auto text = file("events.csv");
    auto count = size_t{0};
    for (auto at = text.find(what); at != std::string::npos;
         at = text.find(what, at + 1))
      ++count;
    return count;
  }
};

/// A spawner that answers when a test lets it.
struct slow_spawner {
  std::vector<caf::typed_response_promise<caf::strong_actor_ptr>> asked;

  spawner_actor spawn(caf::actor_system& system) {
    return caf::actor_cast<spawner_actor>(
      system.spawn([this](caf::event_based_actor* self) -> caf::behavior {
        return {
          [](list_actor_types) { return std::vector<actor_type_info>{}; },
          [this, self](const spawn_request&) {
            return asked.emplace_back(
              self->make_response_promise<caf::strong_actor_ptr>());
          },
          [this](size_t which) {
            asked.at(which).deliver(
              caf::make_error(ec::unreachable, "too late"));
          },
        };
      }));
  }
};

struct impatient : fixture {
  static caf::settings options() {
    auto result = caf::settings{};
    result["restarts_max"] = int64_t{100};
    result["recruit_interval"] = caf::timespan{50ms};
    return result;
  }

  impatient() : fixture{options()} {
    // nop
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/experiment/troupe_growth_orchestrator");

TEST_CASE_FIXTURE(fixture, "a node that comes while an experiment runs has a "
                           "place in the tree, and disturbs nobody") {
  const auto expected = undisturbed();
  start_job(slow_job({join("a"), join("b")}));
  advance(1s);
  const auto late = join("late");
  advance(2s);
  CHECK_FALSE(finished);
  CHECK(alive("late/keeper", late.spawner).size() == 1);
  CHECK(alive("late/tree", late.spawner).size() == 1);
  finish();
  CHECK(file("scores.csv") == expected);
  CHECK((*finished)->restarts == 0);
  CHECK((*finished)->nodes == 3);
  CHECK((*finished)->nodes_joined == 1);
  CHECK(events(",late,node,,up,") == 1);
  const auto seat_of_late = seat("late");
  CHECK(seat_of_late.at("joined") == 1);
  CHECK(seat_of_late.at("watched") == 0);
  // Epochs went through it, and it knows of all three agents.
  CHECK(seat_of_late.at("tree").at("epochs_closed") > 5);
  CHECK(seat_of_late.at("tree").at("population_agents") == doctest::Approx{3});
  CHECK(alive("", late.spawner).empty());
}

TEST_CASE_FIXTURE(fixture, "a node that is lost and comes back has its place "
                           "in the tree again") {
  const auto expected = undisturbed();
  const auto a = join("a");
  const auto b = join("b");
  start_job(slow_job({a, b}));
  advance(1s);
  find_member("b").state = member_state::dead;
  crash_node(b.spawner);
  advance(1s);
  members.pop_back();
  const auto again = join("b");
  finish();
  CHECK(file("scores.csv") == expected);
  CHECK((*finished)->nodes == 2);
  CHECK((*finished)->nodes_lost == 1);
  CHECK((*finished)->nodes_joined == 1);
  CHECK(events(",b,node,up,down,") == 1);
  CHECK(events(",b,node,down,up,") == 1);
  CHECK(seat("b").at("tree").at("population_agents") == doctest::Approx{3});
}

TEST_CASE_FIXTURE(fixture, "what is lost goes to the node that came") {
  const auto expected = undisturbed();
  start_job(slow_job({join("a"), join("b")}));
  advance(500ms);
  const auto late = join("late");
  advance(1500ms);
  REQUIRE(alive("late/tree", late.spawner).size() == 1);
  crash("asd-3/detector");
  finish();
  CHECK(file("scores.csv") == expected);
  CHECK((*finished)->restarts == 1);
  CHECK(seat("late").at("watched") == 1);
}

TEST_CASE_FIXTURE(fixture, "a node that lets nothing be spawned is left alone, "
                           "and the experiment goes on") {
  const auto expected = undisturbed();
  auto empty = actor_catalog{};
  using impl = spawner_actor::stateful_impl<spawner::catalog_spawner_state>;
  auto opts = spawner::catalog_spawner_options{};
  opts.node = &node;
  opts.catalog = &empty;
  start_job(slow_job({join("a"), join("b")}));
  join("closed", spawners.emplace_back(sys().spawn<impl>(std::move(opts))));
  finish();
  CHECK(file("scores.csv") == expected);
  CHECK(asked["closed"] == 1);
  CHECK(events(",closed,node,up,down,") == 1);
  CHECK(seat("closed").is_null());
}

TEST_CASE_FIXTURE(fixture, "what is heard of a node's last life does not end "
                           "the present one") {
  auto first_life = slow_spawner{};
  const auto old = first_life.spawn(sys());
  start_job(slow_job({join("a"), join("b")}));
  join("late", old);
  advance(1500ms);
  REQUIRE(first_life.asked.size() == 2);
  const auto refuse = [&](size_t which) {
    caf::anon_send(caf::actor_cast<caf::actor>(old), which);
  };
  refuse(0);
  run();
  find_member("late").spawner = add_spawner();
  advance(1s);
  CHECK(asked["late"] == 2);
  // Nobody waits for the answer that the first one still owes.
  CHECK(alive("late/tree", find_member("late").spawner).size() == 1);
  refuse(1);
  advance(100ms);
  caf::anon_send_exit(old, caf::exit_reason::kill);
  finish();
  CHECK((*finished)->nodes == 3);
  CHECK((*finished)->nodes_joined == 2);
  CHECK((*finished)->nodes_lost == 1);
}

TEST_CASE_FIXTURE(impatient,
                  "a node that comes and goes is let in five times") {
  const auto expected = undisturbed();
  start_job(slow_job({join("a"), join("b")}));
  auto unsteady = join("unsteady");
  for (auto i = 0; i < 8; ++i) {
    advance(150ms);
    crash_node(unsteady.spawner);
    unsteady.spawner = add_spawner();
    find_member("unsteady").spawner = unsteady.spawner;
  }
  finish();
  CHECK(file("scores.csv") == expected);
  CHECK((*finished)->nodes_joined == 5);
  CHECK(asked["unsteady"] == 5);
}

TEST_CASE_FIXTURE(fixture, "without being asked to, no node is taken in") {
  auto what = slow_job({join("a"), join("b")});
  what.recruit = false;
  start_job(what);
  advance(1s);
  join("late");
  finish();
  CHECK((*finished)->nodes == 2);
  CHECK(asked.empty());
}

TEST_SUITE_END();
