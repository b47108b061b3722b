#include "actors/mesh/dial_list.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace starling;
using namespace starling::mesh;

namespace {

using addresses = std::vector<std::string>;

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

const auto bob = id_of(2);
const auto carol = id_of(3);

} // namespace

TEST_SUITE_BEGIN("actors/mesh/dial_list");

TEST_CASE("without a limit members are dialled where they say they are") {
  CHECK(dial_list{}.addresses_of(bob, {"tcp://b:1", "tcp://b:2"})
        == addresses{"tcp://b:1", "tcp://b:2"});
  CHECK(dial_list{}.addresses_of(bob, {}).empty());
}

TEST_CASE("with a limit only the operator's addresses are dialled") {
  const auto uut
    = dial_list{{*config::parse_endpoint("tcp://b:1#" + to_string(bob)),
                 *config::parse_endpoint("tcp://c:1")}};
  SUBCASE("one that names a peer leads to that peer, whatever it says") {
    CHECK(uut.addresses_of(bob, {"tcp://b:9"}) == addresses{"tcp://b:1"});
    CHECK(uut.addresses_of(carol, {"tcp://b:1"}).empty());
  }
  SUBCASE("one that names nobody leads to the member that claims it") {
    CHECK(uut.addresses_of(carol, {"tcp://c:9", "tcp://c:1"})
          == addresses{"tcp://c:1"});
    CHECK(uut.addresses_of(carol, {"tcp://c:9"}).empty());
  }
  SUBCASE("an empty list leads nowhere") {
    CHECK(dial_list{std::vector<config::endpoint>{}}
            .addresses_of(bob, {"tcp://b:1"})
            .empty());
  }
}

TEST_SUITE_END();
