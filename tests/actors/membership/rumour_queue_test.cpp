#include "actors/membership/rumour_queue.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

using namespace starling::membership;

namespace {

rumour about(size_t n, liveness state = liveness::suspect) {
  return {test_node(n), 1, state};
}

} // namespace

TEST_SUITE_BEGIN("membership/rumour_queue");

TEST_CASE("a rumour is told a number of times and then forgotten") {
  auto queue = rumour_queue{};
  queue.add(about(1));
  for (auto told = 0; told < 3; ++told)
    CHECK(queue.take(8, 3) == std::vector{about(1)});
  CHECK(queue.take(8, 3).empty());
  CHECK(queue.size() == 0);
}

TEST_CASE("what was told least comes first, then the latest") {
  auto queue = rumour_queue{};
  queue.add(about(1));
  queue.add(about(2));
  CHECK(queue.take(1, 9) == std::vector{about(2)});
  CHECK(queue.take(1, 9) == std::vector{about(1)});
  queue.add(about(3));
  CHECK(queue.take(2, 9) == std::vector{about(3), about(2)});
}

TEST_CASE("a newer rumour about a node takes the place of the older") {
  auto queue = rumour_queue{};
  queue.add(about(1));
  CHECK(queue.take(8, 2).size() == 1);
  queue.add(about(1, liveness::dead));
  CHECK(queue.size() == 1);
  CHECK(queue.take(8, 2) == std::vector{about(1, liveness::dead)});
  CHECK(queue.take(8, 2) == std::vector{about(1, liveness::dead)});
  CHECK(queue.take(8, 2).empty());
}

TEST_CASE("a node can be talked of no more") {
  auto queue = rumour_queue{};
  queue.add(about(1));
  queue.add(about(2));
  queue.erase(test_node(1));
  queue.erase(test_node(9));
  CHECK(queue.take(8, 2) == std::vector{about(2)});
}

TEST_CASE("taking nothing tells nothing") {
  auto queue = rumour_queue{};
  queue.add(about(1));
  CHECK(queue.take(0, 1).empty());
  CHECK(queue.size() == 1);
}

TEST_SUITE_END();
