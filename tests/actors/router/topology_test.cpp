#include "actors/router/topology.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace starling;
using namespace starling::router;
using namespace std::chrono_literals;

namespace {

const auto start = topology::clock::time_point{} + 1h;

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

advert links_of(uint8_t from, uint64_t sequence,
                std::initializer_list<uint8_t> to) {
  auto result = advert{node(from), sequence, {}};
  for (auto neighbour : to)
    result.links.push_back({.neighbour = node(neighbour), .latency_us = 100});
  return result;
}

} // namespace

TEST_SUITE_BEGIN("router/topology");

TEST_CASE("a link counts once both ends name it") {
  auto graph = topology{};
  REQUIRE(graph.apply(links_of(1, 1, {2, 3}), start));
  CHECK(graph.usable_link(node(1), node(2)) == nullptr);
  REQUIRE(graph.apply(links_of(2, 1, {1}), start));
  REQUIRE(graph.usable_link(node(1), node(2)) != nullptr);
  CHECK(graph.usable_link(node(1), node(2))->latency_us == 100);
  CHECK(graph.usable_link(node(2), node(1)) != nullptr);
  CHECK(graph.usable_link(node(1), node(3)) == nullptr);
}

TEST_CASE("a link that carries nothing one way is not used either way") {
  auto graph = topology{};
  REQUIRE(graph.apply(links_of(1, 1, {2}), start));
  auto dead = links_of(2, 1, {1});
  dead.links[0].reliability = 0.0F;
  REQUIRE(graph.apply(dead, start));
  CHECK(graph.usable_link(node(1), node(2)) == nullptr);
  CHECK(graph.usable_link(node(2), node(1)) == nullptr);
}

TEST_CASE("only a newer advert is taken") {
  auto graph = topology{};
  CHECK(*graph.apply(links_of(1, 5, {2}), start));
  const auto revision = graph.revision();
  CHECK_FALSE(*graph.apply(links_of(1, 5, {3}), start));
  CHECK_FALSE(*graph.apply(links_of(1, 4, {3}), start));
  CHECK(graph.revision() == revision);
  CHECK(graph.find(node(1))->links[0].neighbour == node(2));
  CHECK(*graph.apply(links_of(1, 6, {3}), start));
  CHECK(graph.revision() > revision);
  CHECK(graph.find(node(1))->links[0].neighbour == node(3));
}

TEST_CASE("an advert that says the same renews but changes nothing") {
  auto graph = topology{{.lifetime = 1min}};
  REQUIRE(graph.apply(links_of(1, 1, {2, 3}), start));
  const auto revision = graph.revision();
  // The order of links does not matter.
  CHECK_FALSE(*graph.apply(links_of(1, 2, {3, 2}), start + 50s));
  CHECK(graph.revision() == revision);
  CHECK(graph.expire(start + 100s) == 0);
  CHECK(graph.expire(start + 110s) == 0);
  CHECK(graph.expire(start + 110s + 1ns) == 1);
  CHECK(graph.size() == 0);
  CHECK(graph.revision() > revision);
}

TEST_CASE("a node that leaves is forgotten") {
  auto graph = topology{};
  REQUIRE(graph.apply(links_of(1, 1, {2}), start));
  REQUIRE(graph.apply(links_of(2, 1, {1}), start));
  CHECK(graph.remove(node(2)));
  CHECK_FALSE(graph.remove(node(2)));
  CHECK(graph.usable_link(node(1), node(2)) == nullptr);
  CHECK(graph.nodes() == std::vector{node(1)});
}

TEST_CASE("bounds are kept") {
  auto graph = topology{{.nodes_max = 2, .links_max = 2}};
  REQUIRE(graph.apply(links_of(1, 1, {2, 3}), start));
  REQUIRE(graph.apply(links_of(2, 1, {1}), start));
  CHECK(graph.apply(links_of(3, 1, {1}), start).error().code
        == ec::limit_reached);
  CHECK(graph.apply(links_of(1, 2, {2, 3, 4}), start).error().code
        == ec::limit_reached);
  // A known node is renewed all the same.
  CHECK(*graph.apply(links_of(1, 2, {2}), start));
}

TEST_CASE("adverts that no honest node makes are refused") {
  auto graph = topology{};
  const auto refusal
    = [&](advert x) { return graph.apply(std::move(x), start).error().code; };
  CHECK(refusal(links_of(1, 1, {1})) == ec::malformed_input);
  CHECK(refusal(links_of(1, 1, {2, 3, 2})) == ec::malformed_input);
  auto x = links_of(1, 1, {2});
  for (auto wrong : {-0.1F, 1.1F, std::nanf("")}) {
    x.links[0].reliability = wrong;
    CHECK(refusal(x) == ec::malformed_input);
  }
  x.links[0].reliability = 1.0F;
  for (auto wrong : {-1.0F, 2e6F, std::nanf("")}) {
    x.links[0].cost = wrong;
    CHECK(refusal(x) == ec::malformed_input);
  }
  CHECK(graph.size() == 0);
}

TEST_SUITE_END();
