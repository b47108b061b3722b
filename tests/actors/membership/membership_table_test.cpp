#include "actors/membership/membership_table.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace starling;
using namespace starling::membership;
using namespace std::chrono_literals;

namespace {

struct fixture {
  membership_table table{
    {.members_max = 10, .lifetime = 1h, .ahead_max = 1min}};
  size_t verified = 0;

  result<merge_outcome> merge(signed_record x,
                              clock::physical_time now = test_start) {
    return table.merge(std::move(x), now, [this](auto&&... xs) {
      ++verified;
      return test_verify(xs...);
    });
  }
};

} // namespace

TEST_SUITE_BEGIN("membership/membership_table");

TEST_CASE_FIXTURE(fixture, "a node is known from its first record on") {
  CHECK(*merge(test_record(1)) == merge_outcome::added);
  REQUIRE(table.find(test_node(1)) != nullptr);
  CHECK(table.find(test_node(1))->content.name == "node 1");
  CHECK(table.find(test_node(2)) == nullptr);
  CHECK(table.members() == std::vector{test_node(1)});
}

TEST_CASE_FIXTURE(fixture, "the newest record counts, incarnation first") {
  CHECK(*merge(test_record(1, 2, test_start)) == merge_outcome::added);
  CHECK(*merge(test_record(1, 2, test_start + 1s)) == merge_outcome::updated);
  CHECK(*merge(test_record(1, 3, test_start - 1s)) == merge_outcome::updated);
  CHECK(*merge(test_record(1, 2, test_start + 2s)) == merge_outcome::ignored);
  CHECK(table.find(test_node(1))->content.version.incarnation == 3);
}

TEST_CASE_FIXTURE(fixture, "in whatever order records come, tables agree") {
  auto records = std::vector<signed_record>{};
  for (uint64_t incarnation = 1; incarnation <= 3; ++incarnation) {
    records.push_back(test_record(1, incarnation, test_start));
    records.push_back(test_record(1, incarnation, test_start + 1s));
    records.push_back(test_tombstone(1, incarnation, test_start + 2s));
  }
  const auto newest = records.back().body;
  auto generator = std::mt19937{4};
  for (auto round = 0; round < 50; ++round) {
    std::ranges::shuffle(records, generator);
    table = membership_table{};
    for (const auto& x : records)
      REQUIRE(merge(x));
    CHECK(table.find(test_node(1))->body == newest);
  }
}

TEST_CASE_FIXTURE(fixture, "a forged record changes nothing") {
  auto x = test_record(1);
  x.signature.back() ^= 1;
  CHECK(merge(x).error().code == ec::authentication_failed);
  CHECK(table.records().empty());
  REQUIRE(merge(test_record(1)));
  x = test_record(1, 2);
  x.signature.clear();
  CHECK(merge(x).error().code == ec::authentication_failed);
  CHECK(table.find(test_node(1))->content.version.incarnation == 1);
}

TEST_CASE_FIXTURE(fixture, "what is known already costs no verification") {
  REQUIRE(merge(test_record(1, 2)));
  verified = 0;
  CHECK(*merge(test_record(1, 2)) == merge_outcome::ignored);
  CHECK(*merge(test_record(1, 1)) == merge_outcome::ignored);
  CHECK(verified == 0);
}

TEST_CASE_FIXTURE(fixture, "two records under one version are an offence") {
  REQUIRE(merge(test_record(1)));
  auto other = test_record(1).content;
  other.name = "someone else";
  CHECK(merge(test_record(other)).error().code == ec::protocol_violation);
  CHECK(table.find(test_node(1))->content.name == "node 1");
  // Unless someone else has made it up.
  auto forged = test_record(other);
  forged.signature.back() ^= 1;
  CHECK(*merge(forged) == merge_outcome::ignored);
}

TEST_CASE_FIXTURE(fixture, "a node that has left stays away until it returns") {
  REQUIRE(merge(test_record(1, 1)));
  CHECK(*merge(test_tombstone(1, 1, test_start + 1s)) == merge_outcome::left);
  CHECK(table.members().empty());
  CHECK(*merge(test_record(1, 1)) == merge_outcome::ignored);
  CHECK(*merge(test_record(1, 2, test_start + 2s)) == merge_outcome::added);
  CHECK(table.members().size() == 1);
}

TEST_CASE_FIXTURE(fixture, "no record outlives its tombstone") {
  REQUIRE(merge(test_record(1, 1, test_start)));
  REQUIRE(merge(test_tombstone(1, 1, test_start + 1s)));
  const auto late = test_start + 1h + 1s;
  CHECK(table.expire(late).empty());
  CHECK(table.expire(late + 1ms) == std::vector{test_node(1)});
  CHECK(table.records().empty());
  // Someone has slept through it all.
  CHECK(*merge(test_record(1, 1, test_start), late + 1ms)
        == merge_outcome::ignored);
}

TEST_CASE_FIXTURE(fixture, "a record counts for its lifetime") {
  REQUIRE(merge(test_record(1, 1, test_start)));
  REQUIRE(merge(test_record(2, 1, test_start + 30min), test_start + 30min));
  CHECK(table.expire(test_start + 1h).empty());
  CHECK(table.expire(test_start + 1h + 1s) == std::vector{test_node(1)});
}

TEST_CASE_FIXTURE(fixture, "records from the future are refused") {
  CHECK(merge(test_record(1, 1, test_start + 59s)));
  CHECK(merge(test_record(2, 1, test_start + 61s)).error().code
        == ec::protocol_violation);
}

TEST_CASE_FIXTURE(fixture, "the table is bounded, known nodes go on") {
  for (size_t n = 0; n < 10; ++n)
    REQUIRE(merge(test_record(n)));
  CHECK(merge(test_record(10)).error().code == ec::limit_reached);
  CHECK(*merge(test_record(3, 2)) == merge_outcome::updated);
  CHECK(table.erase(test_node(3)));
  CHECK_FALSE(table.erase(test_node(3)));
  CHECK(*merge(test_record(10)) == merge_outcome::added);
}

TEST_SUITE_END();
