#include "runtime/basp/node_name.hpp"

#include <doctest/doctest.h>

using namespace starling;
using basp::is_name_of;
using basp::node_name;

namespace {

peer_id id_with(size_t position, uint8_t value) {
  auto result = peer_id{};
  result.bytes.fill(0xAB);
  result.bytes[position] = value;
  return result;
}

} // namespace

TEST_SUITE_BEGIN("runtime/basp/node_name");

TEST_CASE("a name tells its node, and each run of it from the others") {
  const auto id = id_with(0, 1);
  CHECK(is_name_of(node_name(id, 7), id));
  CHECK(node_name(id, 7) != node_name(id, 8));
  CHECK(node_name(id, 7) == node_name(id, 7));
  CHECK(to_string(node_name(id, 7))
        == "01ABABABABABABABABABABABABABABABABABABAB#7");
}

TEST_CASE("a name is of no other node") {
  const auto name = node_name(id_with(19, 1), 7);
  CHECK_FALSE(is_name_of(name, id_with(19, 2)));
  CHECK_FALSE(is_name_of(name, id_with(0, 1)));
}

TEST_CASE("a run without a number has a valid name") {
  CHECK(node_name(id_with(0, 1), 0));
}

TEST_CASE("what is no name of a node is of none") {
  const auto id = id_with(0, 1);
  CHECK_FALSE(is_name_of(caf::node_id{}, id));
  const auto uri = caf::make_uri("tcp://example");
  REQUIRE(uri);
  CHECK_FALSE(is_name_of(caf::node_id{*uri}, id));
}

TEST_SUITE_END();
