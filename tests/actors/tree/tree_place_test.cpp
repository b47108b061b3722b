#include "actors/tree/tree_place.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using starling::ec;
using starling::peer_id;
using starling::tree::tree_place;

namespace {

std::vector<peer_id> members(size_t count) {
  auto result = std::vector<peer_id>(count);
  for (size_t i = 0; i < count; ++i) {
    result[i].bytes[0] = static_cast<uint8_t>(i);
    result[i].bytes[1] = static_cast<uint8_t>(i >> 8);
  }
  return result;
}

tree_place make(const std::vector<peer_id>& who, uint64_t epoch = 1,
                const tree_place::options& opts = {}) {
  auto made = tree_place::make(who, epoch, opts);
  REQUIRE(made);
  return *made;
}

} // namespace

TEST_SUITE_BEGIN("tree/tree_place");

TEST_CASE("every member but the root has one parent that knows it") {
  const auto who = members(500);
  const auto places = make(who);
  const auto root = places.root();
  REQUIRE(root);
  size_t edges = 0;
  for (const auto& member : who) {
    const auto parent = places.parent_of(member);
    CHECK(parent.has_value() == (member != *root));
    if (parent) {
      const auto siblings = places.children_of(*parent);
      CHECK(std::ranges::count(siblings, member) == 1);
    }
    edges += places.children_of(member).size();
    CHECK(places.children_of(member).size() <= 8);
  }
  CHECK(edges == 499);
}

// 1 + 8 + 64 = 73 members fill depths 0 to 2, 585 fill 0 to 3.
TEST_CASE("the tree is balanced") {
  const auto who = members(512);
  const auto places = make(who);
  auto depths = std::vector<size_t>(5);
  for (const auto& member : who)
    ++depths.at(*places.depth_of(member));
  CHECK(depths == std::vector<size_t>{1, 8, 64, 439, 0});
}

TEST_CASE("a member speaks for itself and all below it") {
  for (size_t count : {1, 2, 9, 73, 100, 512}) {
    const auto who = members(count);
    const auto places = make(who);
    CHECK(places.members_below(*places.root()) == count);
    for (const auto& member : who) {
      auto below = size_t{1};
      for (const auto& child : places.children_of(member))
        below += places.members_below(child);
      REQUIRE(places.members_below(member) == below);
    }
  }
}

TEST_CASE("the order in which members are named does not matter") {
  auto who = members(100);
  const auto one = make(who);
  std::ranges::reverse(who);
  who.push_back(who.front());
  const auto two = make(who);
  CHECK(two.size() == 100);
  for (const auto& member : who)
    CHECK(one.parent_of(member) == two.parent_of(member));
}

TEST_CASE("epochs and replicas move nearly everybody") {
  const auto who = members(500);
  const auto now = make(who, 1);
  const auto later = make(who, 2);
  const auto other = make(who, 1, {.replica = 1});
  auto kept_later = 0;
  auto kept_other = 0;
  for (const auto& member : who) {
    kept_later += now.parent_of(member) == later.parent_of(member) ? 1 : 0;
    kept_other += now.parent_of(member) == other.parent_of(member) ? 1 : 0;
  }
  // By chance one in 63 parents is the same: 8 of 500, deviation 2.8.
  CHECK(kept_later < 20);
  CHECK(kept_other < 20);
}

// "starling tree place 1", 32 bytes of id, epoch 7 and replica 0, both big
// endian, through sha256sum: d210..., 7fec... and a93e... for members 0 to 2.
TEST_CASE("places follow SHA-256 of purpose, id, epoch and replica") {
  const auto who = members(3);
  const auto places = make(who, 7, {.fan_out = 2});
  CHECK(*places.root() == who[1]);
  CHECK(places.children_of(*places.root())
        == std::vector<peer_id>{who[2], who[0]});
}

TEST_CASE("strangers have no place, and nobody has no root") {
  const auto places = make(members(10));
  auto stranger = peer_id{};
  stranger.bytes[31] = 1;
  CHECK(!places.parent_of(stranger));
  CHECK(places.children_of(stranger).empty());
  CHECK(places.members_below(stranger) == 0);
  CHECK(!places.depth_of(stranger));
  CHECK(!make({}).root());
}

TEST_CASE("options out of range are refused") {
  CHECK(tree_place::make({}, 1, {.fan_out = 1}).error().code
        == ec::invalid_option);
  CHECK(tree_place::make(members(3), 1, {.members_max = 2}).error().code
        == ec::limit_reached);
}

TEST_SUITE_END();
