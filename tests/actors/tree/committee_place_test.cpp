#include "actors/tree/committee_place.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace starling;
using tree::committee_place;

namespace {

std::vector<peer_id> members(size_t count) {
  auto result = std::vector<peer_id>(count);
  for (size_t i = 0; i < count; ++i) {
    result[i].bytes[0] = static_cast<uint8_t>(i);
    result[i].bytes[1] = static_cast<uint8_t>(i >> 8);
  }
  return result;
}

committee_place make(size_t count, committee_place::options opts,
                     uint64_t epoch = 1) {
  auto made = committee_place::make(members(count), epoch, opts);
  REQUIRE(made);
  return std::move(*made);
}

} // namespace

TEST_SUITE_BEGIN("actors/tree/committee_place");

TEST_CASE("every member sits in one committee, and all are of one size") {
  for (auto count : {1, 2, 9, 10, 47, 100, 333}) {
    const auto place = make(static_cast<size_t>(count), {.width = 5});
    auto seen = std::set<peer_id>{};
    for (size_t i = 0; i < place.committees(); ++i) {
      const auto seats = place.members_of(i);
      if (count >= 5)
        CHECK(seats.size() >= 5);
      CHECK(seats.size() < 10);
      for (const auto& id : seats) {
        CHECK(seen.insert(id).second);
        CHECK(place.committee_of(id) == i);
      }
    }
    CHECK(seen.size() == static_cast<size_t>(count));
  }
}

TEST_CASE("committees form a tree") {
  const auto place = make(400, {.fan_out = 3, .width = 10});
  REQUIRE(place.committees() == 40);
  CHECK_FALSE(place.above(0));
  for (size_t i = 1; i < 40; ++i) {
    const auto above = *place.above(i);
    const auto below = place.below(above);
    CHECK(below.size() <= 3);
    CHECK(std::count(below.begin(), below.end(), i) == 1);
    CHECK(place.height_of(above) > place.height_of(i));
  }
  // 1 + 3 + 9 + 27 = 40.
  CHECK(place.height_of(0) == 3);
  CHECK(place.height_of(39) == 0);
}

TEST_CASE("seats change from epoch to epoch and from replica to replica") {
  const auto first = make(400, {.width = 10});
  const auto next = make(400, {.width = 10}, 2);
  const auto other = make(400, {.width = 10, .replica = 1});
  auto stayed = 0;
  for (const auto& id : members(400))
    stayed += (first.committee_of(id) == next.committee_of(id) ? 1 : 0)
              + (first.committee_of(id) == other.committee_of(id) ? 1 : 0);
  // By chance 1 of 40: 20 of 800.
  CHECK(stayed < 40);
}

// Any two thirds hold more than a half that is honest where fewer than a third
// lie.
TEST_CASE("a quorum can't be had by liars, nor kept from honest members") {
  for (size_t size = 1; size < 200; ++size) {
    const auto liars = (size - 1) / 3;
    CHECK(size - liars >= tree::quorum_of(size));
    CHECK(2 * liars < tree::quorum_of(size));
  }
}

TEST_CASE("strangers have no seat, and options out of range are refused") {
  auto stranger = peer_id{};
  stranger.bytes[31] = 1;
  CHECK_FALSE(make(10, {}).committee_of(stranger));
  CHECK(make(0, {}).committees() == 0);
  for (auto width : {size_t{0}, size_t{1025}})
    CHECK(committee_place::make(members(3), 1, {.width = width}).error().code
          == ec::invalid_option);
  CHECK(committee_place::make(members(3), 1, {.fan_out = 1}).error().code
        == ec::invalid_option);
}

TEST_SUITE_END();
