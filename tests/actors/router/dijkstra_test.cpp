#include "actors/router/dijkstra.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>

using namespace starling;
using namespace starling::router;

namespace {

const auto start = topology::clock::time_point{};

peer_id node(size_t n) {
  auto result = peer_id{};
  result.bytes[0] = static_cast<uint8_t>(n >> 8);
  result.bytes[1] = static_cast<uint8_t>(n);
  return result;
}

/// Only latency counts: a link's price is its latency in nanoseconds.
constexpr auto latency_only
  = price_weights{.latency = 1.0, .reliability = 0, .hop = 0, .cost = 0};

/// Latency from node to node, 0 where there is no link.
using matrix = std::vector<std::vector<uint32_t>>;

topology graph_of(const matrix& latency) {
  auto result = topology{};
  for (size_t from = 0; from < latency.size(); ++from) {
    auto x = advert{node(from), 1, {}};
    for (size_t to = 0; to < latency.size(); ++to)
      if (latency[from][to] != 0)
        x.links.push_back(
          {.neighbour = node(to), .latency_us = latency[from][to]});
    REQUIRE(result.apply(std::move(x), start));
  }
  return result;
}

/// What trying all ways without circles finds.
struct best_ways {
  uint64_t price = UINT64_MAX;
  size_t hops = 0;
  std::set<peer_id> firsts;
};

void try_all(const matrix& latency, std::vector<size_t>& way, uint64_t price,
             std::map<size_t, best_ways>& best) {
  const auto at = way.back();
  if (way.size() > 1) {
    auto& entry = best[at];
    const auto hops = way.size() - 1;
    if (price < entry.price)
      entry = {price, hops, {node(way[1])}};
    else if (price == entry.price) {
      entry.hops = std::min(entry.hops, hops);
      entry.firsts.insert(node(way[1]));
    }
  }
  for (size_t to = 0; to < latency.size(); ++to)
    if (latency[at][to] != 0 && latency[to][at] != 0
        && std::ranges::find(way, to) == way.end()) {
      way.push_back(to);
      try_all(latency, way, price + 1000U * latency[at][to], best);
      way.pop_back();
    }
}

} // namespace

TEST_SUITE_BEGIN("router/dijkstra");

// Worked by hand: 0.99 loses 1 %, -ln 0.99 = 0.01005034.
TEST_CASE("a price adds latency, loss, hop and cost in nanoseconds") {
  const auto weights = price_weights{};
  const auto base = link_state{.neighbour = node(1), .latency_us = 250};
  CHECK(price_of(base, weights) == 1'250'000);
  auto lossy = base;
  lossy.reliability = 0.99F;
  CHECK(price_of(lossy, weights) == doctest::Approx(1'250'000 + 1'005'034));
  auto dear = base;
  dear.cost = 2.5F;
  CHECK(price_of(dear, weights) == 3'750'000);
  CHECK(price_of({.neighbour = node(1)}, latency_only) == 1);
}

// The example of Cormen, Leiserson, Rivest, Stein, "Introduction to
// Algorithms", 3rd edition, figure 24.6 (nodes s t x y z as 0 1 2 3 4); links
// missing there one way are so expensive here that nobody takes them.
TEST_CASE("distances are those of the textbook") {
  constexpr auto far = 1000U;
  const auto graph = graph_of({{0, 10, 0, 5, far},
                               {far, 0, 1, 2, 0},
                               {0, far, 0, far, 4},
                               {far, 3, 9, 0, 2},
                               {7, 0, 6, far, 0}});
  const auto paths = shortest_paths{graph, node(0), latency_only};
  CHECK(paths.price(node(0)) == 0);
  CHECK(paths.price(node(1)) == 8'000);
  CHECK(paths.price(node(2)) == 9'000);
  CHECK(paths.price(node(3)) == 5'000);
  CHECK(paths.price(node(4)) == 7'000);
  CHECK(paths.path(node(2)) == std::vector{node(3), node(1), node(2)});
  CHECK(paths.next_hop(node(2)) == node(3));
  CHECK(paths.hops(node(2)) == 3);
}

TEST_CASE("on random graphs the paths are those that trying all ways finds") {
  auto generator = std::mt19937{11};
  for (auto round = 0; round < 150; ++round) {
    const auto size = size_t{2} + generator() % 6;
    auto latency = matrix(size, std::vector<uint32_t>(size));
    for (size_t from = 0; from < size; ++from)
      for (size_t to = 0; to < size; ++to)
        // Few different values, so that many ways are equally good.
        if (from != to && generator() % 3 != 0)
          latency[from][to] = 1 + generator() % 4;
    const auto graph = graph_of(latency);
    auto way = std::vector<size_t>{0};
    auto best = std::map<size_t, best_ways>{};
    try_all(latency, way, 0, best);
    const auto paths = shortest_paths{graph, node(0), latency_only};
    CHECK(paths.destinations().size() == best.size());
    for (const auto& [to, expected] : best) {
      CHECK(paths.price(node(to)) == expected.price);
      CHECK(paths.hops(node(to)) == expected.hops);
      const auto firsts = paths.alternates(node(to));
      CHECK(std::set(firsts.begin(), firsts.end()) == expected.firsts);
      CHECK(expected.firsts.contains(*paths.next_hop(node(to))));
      const auto chosen = paths.path(node(to));
      CHECK(chosen.size() == expected.hops);
      CHECK(chosen.front() == paths.next_hop(node(to)));
      CHECK(chosen.back() == node(to));
    }
  }
}

TEST_CASE("of equally cheap ways the shorter wins, then the smaller id") {
  // 0-3 directly costs 4, over 1 or 2 it costs 2 + 2.
  auto latency = matrix{{0, 2, 2, 4}, {2, 0, 0, 2}, {2, 0, 0, 2}, {4, 2, 2, 0}};
  auto paths = shortest_paths{graph_of(latency), node(0), latency_only};
  CHECK(paths.next_hop(node(3)) == node(3));
  CHECK(paths.alternates(node(3)) == std::vector{node(1), node(2), node(3)});
  latency[0][3] = 5;
  paths = shortest_paths{graph_of(latency), node(0), latency_only};
  CHECK(paths.next_hop(node(3)) == node(1));
  CHECK(paths.alternates(node(3)) == std::vector{node(1), node(2)});
}

TEST_CASE("alternates are bounded and hold the chosen hop") {
  // Twenty equally cheap ways over two hops, one of one hop at the same price.
  constexpr auto last = size_t{21};
  auto latency = matrix(last + 1, std::vector<uint32_t>(last + 1));
  for (size_t middle = 1; middle < last; ++middle)
    latency[0][middle] = latency[middle][0] = latency[middle][last]
      = latency[last][middle] = 2;
  latency[0][last] = latency[last][0] = 4;
  const auto paths = shortest_paths{graph_of(latency), node(0), latency_only};
  const auto firsts = paths.alternates(node(last));
  CHECK(firsts.size() == shortest_paths::alternates_max);
  CHECK(paths.next_hop(node(last)) == node(last));
  CHECK(firsts.back() == node(last));
}

TEST_CASE("nodes that are cut off carry nothing and get nothing") {
  const auto graph
    = graph_of({{0, 1, 5, 0}, {1, 0, 0, 1}, {5, 0, 0, 1}, {0, 1, 1, 0}});
  const auto all = shortest_paths{graph, node(0), latency_only};
  CHECK(all.path(node(3)) == std::vector{node(1), node(3)});
  const auto without = shortest_paths{graph, node(0), latency_only, {node(1)}};
  CHECK(without.path(node(3)) == std::vector{node(2), node(3)});
  CHECK_FALSE(without.next_hop(node(1)));
  // The root can't be cut off from itself.
  const auto own = shortest_paths{graph, node(0), latency_only, {node(0)}};
  CHECK(own.destinations().size() == 3);
}

TEST_CASE("a link that was cut is passed by, its end is still reached") {
  const auto graph
    = graph_of({{0, 1, 5, 0}, {1, 0, 0, 1}, {5, 0, 0, 1}, {0, 1, 1, 0}});
  const auto paths
    = shortest_paths{graph, node(0), latency_only, {}, {node(1)}};
  CHECK(paths.path(node(1)) == std::vector{node(2), node(3), node(1)});
}

TEST_CASE("strangers, the root and islands have no next hop") {
  const auto graph = graph_of({{0, 1, 0}, {1, 0, 0}, {0, 0, 0}});
  const auto paths = shortest_paths{graph, node(0), latency_only};
  CHECK_FALSE(paths.next_hop(node(0)));
  CHECK(paths.alternates(node(0)).empty());
  CHECK(paths.path(node(0)).empty());
  CHECK_FALSE(paths.next_hop(node(2)));
  CHECK_FALSE(paths.price(node(2)));
  CHECK_FALSE(paths.next_hop(node(77)));
  CHECK(paths.path(node(77)).empty());
  // A root that nobody has heard of.
  CHECK(shortest_paths{graph, node(9), latency_only}.destinations().empty());
}

namespace {

/// A graph of the Internet Topology Zoo in Repetita's format: `EDGES n`, a line
/// of titles, then name, source, destination, weight, bandwidth, delay in
/// microseconds.
matrix read_zoo(const std::filesystem::path& path) {
  auto in = std::ifstream{path};
  auto word = std::string{};
  auto count = size_t{0};
  in >> word >> count;
  auto result = matrix(count, std::vector<uint32_t>(count));
  for (auto line = std::string{}; std::getline(in, line);) {
    auto fields = std::istringstream{line};
    size_t from = 0;
    size_t to = 0;
    uint64_t weight = 0;
    uint64_t bandwidth = 0;
    uint32_t delay = 0;
    if (line.starts_with("edge_")
        && fields >> word >> from >> to >> weight >> bandwidth >> delay)
      result.at(from).at(to) = std::max(delay, 1U);
  }
  return result;
}

/// Floyd's algorithm: all distances at once, another way than the one tested.
std::vector<std::vector<uint64_t>> distances_of(const matrix& latency) {
  const auto size = latency.size();
  constexpr auto far = uint64_t{1} << 60;
  auto result
    = std::vector<std::vector<uint64_t>>(size, std::vector<uint64_t>(size));
  for (size_t i = 0; i < size; ++i)
    for (size_t j = 0; j < size; ++j)
      result[i][j] = i == j ? 0
                     : latency[i][j] != 0 && latency[j][i] != 0
                       ? uint64_t{1000} * latency[i][j]
                       : far;
  for (size_t k = 0; k < size; ++k)
    for (size_t i = 0; i < size; ++i)
      for (size_t j = 0; j < size; ++j)
        result[i][j] = std::min(result[i][j], result[i][k] + result[k][j]);
  return result;
}

} // namespace

TEST_CASE("real networks are routed as Floyd's algorithm says, hop by hop") {
  const auto* data = std::getenv("STARLING_DATA");
  if (data == nullptr) {
    MESSAGE("skipped: STARLING_DATA does not name a data folder");
    return;
  }
  for (const auto* name : {"Arpanet19706", "Abvt", "Bellsouth"}) {
    const auto latency = read_zoo(std::filesystem::path{data} / "zoo"
                                  / (std::string{name} + ".graph"));
    REQUIRE(latency.size() > 5);
    const auto graph = graph_of(latency);
    const auto expected = distances_of(latency);
    auto tables = std::vector<shortest_paths>{};
    for (size_t i = 0; i < latency.size(); ++i)
      tables.emplace_back(graph, node(i), latency_only);
    for (size_t from = 0; from < latency.size(); ++from)
      for (size_t to = 0; to < latency.size(); ++to) {
        CHECK(tables[from].price(node(to)) == expected[from][to]);
        // Each node sends on by its own table; the price falls with each hop.
        auto at = from;
        for (auto hops = size_t{0}; at != to; ++hops) {
          REQUIRE(hops < latency.size());
          const auto next = *tables[at].next_hop(node(to));
          const auto index = size_t{next.bytes[0]} << 8 | next.bytes[1];
          CHECK(expected[at][to]
                == 1000U * latency[at][index] + expected[index][to]);
          at = index;
        }
      }
  }
}

TEST_CASE("of two ways the one with a proven first hop is taken") {
  // Between the ends are two equal relays; the one with the smaller id is
  // chosen, unless it is not proven.
  const auto id = [](uint8_t number) {
    auto result = peer_id{};
    result.bytes[0] = number;
    return result;
  };
  auto graph = topology{};
  const auto add = [&](uint8_t node, std::initializer_list<uint8_t> others) {
    auto links = advert{id(node), 1, {}};
    for (auto other : others)
      links.links.push_back({id(other), 1'000, 1.0F, 0.0F, 0});
    REQUIRE(graph.apply(std::move(links), {}));
  };
  add(1, {2, 3});
  add(2, {1, 4});
  add(3, {1, 4});
  add(4, {2, 3});
  CHECK(shortest_paths(graph, id(1), {}).next_hop(id(4)) == id(2));
  const auto wary = shortest_paths(graph, id(1), {}, {}, {}, {id(2)});
  CHECK(wary.next_hop(id(4)) == id(3));
  // Still the way to itself.
  CHECK(wary.next_hop(id(2)) == id(2));
  // Only the root's opinion of its own neighbours counts.
  CHECK(shortest_paths(graph, id(4), {}, {}, {}, {id(1)}).next_hop(id(1))
        == id(2));
}

TEST_SUITE_END();
