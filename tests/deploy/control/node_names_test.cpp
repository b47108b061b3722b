#include "deploy/control/node_names.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace starling::control;

namespace {

peer_id id_of(const std::string& start) {
  return *parse_peer_id(start + std::string(64 - start.size(), '0'));
}

const auto known = std::vector<named_node>{{id_of("abcd1"), "alpha"},
                                           {id_of("abcd2"), "bravo"},
                                           {id_of("fade0"), "beef"}};

} // namespace

TEST_SUITE_BEGIN("deploy/control/node_names");

TEST_CASE("a node is found by name, id and beginning of the id") {
  CHECK(*find_node("alpha", known) == known[0].id);
  CHECK(*find_node(to_string(known[1].id), known) == known[1].id);
  CHECK(*find_node("ABCD2", known) == known[1].id);
}

TEST_CASE("a name goes before the beginning of an id") {
  auto more = known;
  more.push_back({id_of("beef7"), "delta"});
  CHECK(*find_node("beef", more) == known[2].id);
}

TEST_CASE("a whole id need not be known") {
  CHECK(*find_node(to_string(id_of("77")), known) == id_of("77"));
}

TEST_CASE("what fits several nodes is refused") {
  CHECK(find_node("abcd", known).error().code == ec::invalid_option);
  auto twins = known;
  twins.push_back({id_of("99"), "alpha"});
  CHECK(find_node("alpha", twins).error().code == ec::invalid_option);
}

TEST_CASE("a node may be listed twice") {
  auto twice = known;
  twice.push_back(known[0]);
  CHECK(*find_node("alpha", twice) == known[0].id);
  CHECK(*find_node("abcd1", twice) == known[0].id);
}

TEST_CASE("an unknown name names what is near") {
  CHECK(find_node("brawo", known).error().text
        == "no node 'brawo' is known here; did you mean 'bravo'?");
  CHECK(find_node("abc", known).error().code == ec::unknown_peer);
  CHECK(find_node("", known).error().code == ec::unknown_peer);
}

TEST_SUITE_END();
