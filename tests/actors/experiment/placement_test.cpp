#include "actors/experiment/placement.hpp"

#include <doctest/doctest.h>

using starling::experiment::placement;

TEST_SUITE_BEGIN("actors/experiment/placement");

TEST_CASE("entities are spread evenly, and the watcher is not the watched") {
  const auto places = placement{3, 7};
  auto agents = std::vector<int>(3);
  for (size_t i = 0; i < 7; ++i) {
    ++agents[places.agent_node(i)];
    CHECK(places.agent_node(i) != places.detector_node(i));
  }
  CHECK(agents == std::vector{3, 2, 2});
  CHECK(places.watched_on(1) == std::vector<size_t>{0, 3, 6});
}

TEST_CASE("one node alone does both") {
  const auto places = placement{1, 2};
  CHECK(places.agent_node(1) == 0);
  CHECK(places.detector_node(1) == 0);
}

TEST_CASE(
  "what is lost moves to another node alive, away from its other half") {
  auto places = placement{3, 1};
  REQUIRE(places.agent_node(0) == 0);
  REQUIRE(places.detector_node(0) == 1);
  places.note_dead(1);
  places.move_detector(0);
  CHECK(places.detector_node(0) == 2);
  places.move_detector(0);
  // Only the agent's node and this one are left.
  CHECK(places.detector_node(0) == 2);
  places.note_dead(2);
  places.move_detector(0);
  CHECK(places.detector_node(0) == 0);
  CHECK(places.any_alive());
  places.note_dead(0);
  CHECK_FALSE(places.any_alive());
}

TEST_CASE("a detector that died on a living node moves all the same") {
  auto places = placement{4, 1};
  places.move_detector(0);
  CHECK(places.detector_node(0) == 2);
  places.move_agent(0);
  CHECK(places.agent_node(0) == 1);
}

TEST_CASE("a node that comes, or comes back, takes what is lost next") {
  auto places = placement{2, 4};
  const auto came = places.add_node();
  CHECK(came == 2);
  CHECK_FALSE(places.watches(came));
  // What runs stays.
  CHECK(places.agent_node(0) == 0);
  places.note_dead(1);
  for (size_t entity : {0, 2})
    places.move_detector(entity);
  for (size_t entity : {1, 3})
    places.move_agent(entity);
  CHECK(places.watched_on(came) == std::vector<size_t>{0, 2});
  CHECK(places.agent_node(1) == came);
  CHECK(places.agent_node(3) == came);
  places.note_alive(1);
  CHECK_FALSE(places.watches(1));
  places.move_detector(0);
  CHECK(places.watched_on(1) == std::vector<size_t>{0});
}

TEST_CASE("what is lost is spread evenly over the nodes left") {
  auto places = placement{4, 8};
  places.note_dead(3);
  for (auto entity : places.watched_on(3))
    places.move_detector(entity);
  CHECK(places.watched_on(0).size() == 3);
  CHECK(places.watched_on(1).size() == 3);
}

TEST_SUITE_END();
