#include "actors/membership/gossip_codec.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace starling;
using namespace starling::membership;

namespace {

digest example_digest() {
  auto result = digest{test_node(1), test_node(9), {}};
  result.entries = {{test_node(1), {1, 2}}, {test_node(5), {3, UINT64_MAX}}};
  return result;
}

record_exchange example_exchange() {
  return {{test_record(1), test_record(2, 7)}, {test_node(3), test_node(4)}};
}

void check_equal(const record_exchange& a, const record_exchange& b) {
  REQUIRE(a.records.size() == b.records.size());
  for (size_t i = 0; i < a.records.size(); ++i) {
    CHECK(a.records[i].content == b.records[i].content);
    CHECK(a.records[i].body == b.records[i].body);
    CHECK(a.records[i].signature == b.records[i].signature);
  }
  CHECK(a.wanted == b.wanted);
}

} // namespace

TEST_SUITE_BEGIN("membership/gossip_codec");

TEST_CASE("a digest comes back as it was") {
  auto back = decode_digest(encode(example_digest()));
  REQUIRE_MESSAGE(back, back.error().text);
  CHECK(*back == example_digest());
  CHECK(*decode_digest(encode(digest{})) == digest{});
}

TEST_CASE("records come back as they were, ready to be verified") {
  auto back = decode_exchange(encode(example_exchange()));
  REQUIRE_MESSAGE(back, back.error().text);
  check_equal(*back, example_exchange());
  CHECK(is_authentic(back->records[1], test_verify));
  check_equal(*decode_exchange(encode(record_exchange{})), {});
}

TEST_CASE("what gossip makes by default is taken") {
  auto table = membership_table{};
  for (size_t n = 0; n < 2'000; ++n)
    REQUIRE(table.merge(test_record(n), test_start, test_verify));
  auto protocol = gossip{};
  const auto range = protocol.next_digest(table);
  CHECK(range.entries.size() == 1'024);
  CHECK(decode_digest(encode(range)));
  const auto answer = protocol.answer(digest{{}, test_node(5'000), {}}, table);
  CHECK(answer.records.size() > 500);
  const auto bytes = encode(answer);
  CHECK(bytes.size() <= 262'144 + 1'000);
  CHECK(decode_exchange(bytes));
}

TEST_CASE("a digest out of order or out of range is refused") {
  auto x = example_digest();
  SUBCASE("order") {
    std::swap(x.entries[0], x.entries[1]);
  }
  SUBCASE("one id twice") {
    x.entries[1].id = x.entries[0].id;
  }
  SUBCASE("below the range") {
    x.first = test_node(2);
  }
  SUBCASE("above the range") {
    x.last = test_node(4);
  }
  SUBCASE("no range at all") {
    x = {test_node(2), test_node(1), {}};
  }
  CHECK(decode_digest(encode(x)).error().code == ec::malformed_input);
}

TEST_CASE("bounds are kept") {
  const auto all = encode(example_digest());
  CHECK(decode_digest(all, {.entries_max = 1}).error().code
        == ec::limit_reached);
  CHECK(decode_digest(all, {.bytes_max = 16}).error().code
        == ec::limit_reached);
  const auto records = encode(example_exchange());
  CHECK(decode_exchange(records, {.entries_max = 1}).error().code
        == ec::limit_reached);
  CHECK(decode_exchange(records, {.records_max = 1}).error().code
        == ec::limit_reached);
  auto x = example_exchange();
  x.records[0].signature.resize(wire::signature_max + 1);
  CHECK(decode_exchange(encode(x)).error().code == ec::limit_reached);
}

TEST_CASE("an id of zeros is no node's") {
  auto x = record_exchange{};
  SUBCASE("wanted") {
    x.wanted = {test_node(1), peer_id{}};
  }
  SUBCASE("revoked") {
    x.revoked = {test_node(1), peer_id{}};
  }
  SUBCASE("wanted revocations") {
    x.wanted_revocations = {test_node(1), peer_id{}};
  }
  const auto refused = decode_exchange(encode(x));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ec::malformed_input);
  CHECK(refused.error().text.find("an id of zeros") != std::string::npos);
}

TEST_CASE("a list that claims more elements than it has bytes is refused") {
  // The list pointer of `wanted`: elements of no size at all, 2^29 - 1 of them.
  auto message = std::vector<uint8_t>{
    0, 0, 0, 0, 0,    0,    2,    0,    // root: two pointers
    0, 0, 0, 0, 0,    0,    0,    0,    // records: none
    1, 0, 0, 0, 0xf8, 0xff, 0xff, 0xff, // wanted: void list
  };
  CHECK(decode_exchange(message).error().code == ec::malformed_input);
}

TEST_CASE("noise is refused or read the same way again") {
  auto generator = std::mt19937{2};
  const auto good_digest = encode(example_digest());
  const auto good_records = encode(example_exchange());
  for (auto round = 0; round < 10'000; ++round) {
    auto changed = round % 2 == 0 ? good_digest : good_records;
    changed[generator() % changed.size()]
      ^= static_cast<uint8_t>(1U << generator() % 8);
    changed.resize(changed.size() - 8 * (generator() % 2));
    if (auto x = decode_digest(changed))
      CHECK(*decode_digest(encode(*x)) == *x);
    if (auto x = decode_exchange(changed))
      check_equal(*decode_exchange(encode(*x)), *x);
  }
}

TEST_SUITE_END();
