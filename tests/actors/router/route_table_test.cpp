#include "actors/router/route_table.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::router;
using namespace std::chrono_literals;

namespace {

const auto start = route_table::clock::time_point{};

peer_id node(uint8_t n) {
  auto result = peer_id{};
  result.bytes.fill(n);
  return result;
}

/// A square 1-2-4-3-1: two ways from 1 to 4, the one over 2 is faster.
struct square {
  route_table table{node(1), {}};
  uint64_t sequence = 0;

  square() {
    tell(1, {{2, 100}, {3, 200}});
    tell(2, {{1, 100}, {4, 100}});
    tell(3, {{1, 200}, {4, 200}});
    tell(4, {{2, 100}, {3, 200}});
  }

  void tell(uint8_t from,
            std::initializer_list<std::pair<uint8_t, uint32_t>> links) {
    auto x = advert{node(from), ++sequence, {}};
    for (auto [to, latency] : links)
      x.links.push_back({.neighbour = node(to), .latency_us = latency});
    REQUIRE(table.apply(std::move(x), start));
  }
};

} // namespace

TEST_SUITE_BEGIN("router/route_table");

TEST_CASE_FIXTURE(square, "a route names the way as it is now") {
  auto there = table.route_to(node(4));
  REQUIRE(there);
  CHECK(there->next_hop == node(2));
  CHECK(there->hops == 2);
  // Two hops of 100 us, 1 ms for each hop.
  CHECK(there->price == 2'200'000);
  CHECK(*table.path_to(node(4)) == std::vector{node(2), node(4)});
  tell(2, {{1, 100}, {4, 5'000}});
  CHECK(table.route_to(node(4))->next_hop == node(3));
}

TEST_CASE_FIXTURE(square, "all routes are listed by destination") {
  const auto all = table.routes();
  REQUIRE(all.size() == 3);
  CHECK(all[0].destination == node(2));
  CHECK(all[2] == *table.route_to(node(4)));
}

TEST_CASE_FIXTURE(square, "changes are told once") {
  CHECK(table.changes().size() == 3);
  CHECK(table.changes().empty());
  tell(2, {{1, 100}});
  CHECK(table.changes()
        == std::vector<route_change>{{node(4), node(2), node(3)}});
  CHECK(table.remove(node(3)));
  CHECK(table.changes()
        == std::vector<route_change>{{node(3), node(3), std::nullopt},
                                     {node(4), node(3), std::nullopt}});
  tell(3, {{1, 200}, {4, 200}});
  CHECK(table.changes()
        == std::vector<route_change>{{node(3), std::nullopt, node(3)},
                                     {node(4), std::nullopt, node(3)}});
}

TEST_CASE_FIXTURE(square, "nodes that are cut off are passed by") {
  table.avoid({node(2)});
  CHECK(table.avoids(node(2)));
  CHECK(table.route_to(node(4))->next_hop == node(3));
  CHECK(table.route_to(node(2)).error().code == ec::quarantined);
  table.avoid({});
  CHECK(table.route_to(node(2)));
}

TEST_CASE_FIXTURE(square, "a broken link is avoided before adverts say so") {
  table.cut(node(2));
  CHECK(*table.path_to(node(2)) == std::vector{node(3), node(4), node(2)});
  table.restore(node(2));
  CHECK(table.route_to(node(2))->hops == 1);
}

TEST_CASE_FIXTURE(square, "where no way leads, the error names the node") {
  const auto stranger = table.route_to(node(0xab));
  CHECK(stranger.error().code == ec::unreachable);
  CHECK(stranger.error().text.find("abababab") != std::string::npos);
  CHECK(table.route_to(node(1)).error().code == ec::unreachable);
  CHECK(table.path_to(node(9)).error().code == ec::unreachable);
}

TEST_CASE_FIXTURE(square, "what is not renewed is forgotten") {
  CHECK(table.expire(start + 15min) == 0);
  CHECK(table.expire(start + 16min) == 4);
  CHECK_FALSE(table.route_to(node(4)));
}

TEST_SUITE_END();
