#include "actors/membership/gossip.hpp"

#include "tests/actors/membership/membership_support.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace starling;
using namespace starling::membership;

namespace {

struct fixture {
  membership_table ours;
  membership_table theirs;

  static void merge(membership_table& table, signed_record x) {
    REQUIRE(table.merge(std::move(x), test_start, test_verify));
  }

  static std::set<peer_id> ids_of(const record_exchange& x) {
    auto result = std::set<peer_id>{};
    for (const auto& record : x.records)
      result.insert(record.content.id);
    return result;
  }

  /// One round: digest, answer, and what the answer wanted.
  static void round(gossip& protocol, membership_table& from,
                    membership_table& to) {
    const auto answer = protocol.answer(protocol.next_digest(from), to);
    for (const auto& x : answer.records)
      merge(from, x);
    for (const auto& x : protocol.fulfil(answer.wanted, from).records)
      merge(to, x);
  }

  [[nodiscard]] bool agree() const {
    return std::ranges::equal(
      ours.records(), theirs.records(), [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.body == b.second.body;
      });
  }
};

} // namespace

TEST_SUITE_BEGIN("membership/gossip");

TEST_CASE_FIXTURE(fixture, "an answer holds what the digest lacks") {
  merge(ours, test_record(1, 1));
  merge(ours, test_record(2, 2));
  merge(ours, test_record(4, 1));
  merge(theirs, test_record(1, 1));
  merge(theirs, test_record(2, 1));
  merge(theirs, test_record(3, 1));
  merge(theirs, test_record(4, 2));
  auto protocol = gossip{};
  const auto answer = protocol.answer(protocol.next_digest(ours), theirs);
  // 1 is known to both, 2 is newer with us, 3 and 4 are with them.
  CHECK(ids_of(answer) == std::set{test_node(3), test_node(4)});
  CHECK(answer.wanted == std::vector{test_node(2)});
}

TEST_CASE_FIXTURE(fixture, "one round makes two small tables alike") {
  auto generator = std::mt19937{6};
  for (size_t n = 0; n < 200; ++n) {
    if (generator() % 3 != 0)
      merge(ours, test_record(n, 1 + generator() % 3));
    if (generator() % 3 != 0)
      merge(theirs, test_record(n, 1 + generator() % 3));
  }
  REQUIRE_FALSE(agree());
  auto protocol = gossip{};
  round(protocol, ours, theirs);
  CHECK(agree());
  const auto answer = protocol.answer(protocol.next_digest(ours), theirs);
  CHECK(answer.records.empty());
  CHECK(answer.wanted.empty());
}

TEST_CASE_FIXTURE(fixture, "empty tables are filled from either side") {
  for (size_t n = 0; n < 5; ++n)
    merge(theirs, test_record(n));
  auto protocol = gossip{};
  round(protocol, ours, theirs);
  CHECK(agree());
  ours = membership_table{};
  round(protocol, theirs, ours);
  CHECK(agree());
}

TEST_CASE_FIXTURE(fixture, "large tables are compared range by range") {
  for (size_t n = 0; n < 100; ++n)
    merge(n % 2 == 0 ? ours : theirs, test_record(n));
  auto protocol = gossip{{.entries_max = 8}};
  auto covered = peer_id{};
  auto rounds = 0;
  for (; rounds < 40 && !agree(); ++rounds) {
    const auto range = protocol.next_digest(ours);
    CHECK(range.entries.size() <= 8);
    CHECK(range.first == covered);
    covered = range.last;
    for (auto at = covered.bytes.rbegin(); ++*at == 0;)
      if (++at == covered.bytes.rend())
        break;
    const auto answer = protocol.answer(range, theirs);
    for (const auto& x : answer.records)
      merge(ours, x);
    for (const auto& x : protocol.fulfil(answer.wanted, ours).records)
      merge(theirs, x);
  }
  CHECK(agree());
  // 50 entries at 8 a digest, and what was merged behind the cursor.
  CHECK(rounds <= 20);
}

TEST_CASE_FIXTURE(fixture, "messages are bounded, the rest comes later") {
  for (size_t n = 0; n < 50; ++n)
    merge(theirs, test_record(n));
  const auto one = test_record(0);
  const auto record_size = one.body.size() + one.signature.size() + 32;
  auto protocol = gossip{{.bytes_max = 10 * record_size}};
  auto rounds = 0;
  for (; !agree() && rounds < 10; ++rounds) {
    const auto answer = protocol.answer(protocol.next_digest(ours), theirs);
    CHECK(answer.records.size() <= 10);
    for (const auto& x : answer.records)
      merge(ours, x);
  }
  CHECK(rounds <= 6);
  // Even a record above the bound gets through, alone.
  protocol = gossip{{.bytes_max = 1}};
  ours = membership_table{};
  CHECK(protocol.answer(protocol.next_digest(ours), theirs).records.size()
        == 1);
}

TEST_CASE_FIXTURE(fixture, "no more ids are wanted than a message holds") {
  for (size_t n = 0; n < 50; ++n)
    merge(ours, test_record(n));
  auto asking = gossip{};
  const auto all = asking.next_digest(ours);
  CHECK(gossip{{.entries_max = 7}}.answer(all, theirs).wanted.size() == 7);
}

TEST_CASE_FIXTURE(fixture, "tombstones travel like other records") {
  merge(ours, test_record(1, 1));
  merge(theirs, test_tombstone(1, 2));
  auto protocol = gossip{};
  round(protocol, ours, theirs);
  CHECK(ours.members().empty());
}

// Karp et al., "Randomized rumor spreading", FOCS 2000: push-pull informs all n
// nodes in log3 n + O(log log n) rounds; for 256 nodes that is 5.05 and a few.
TEST_CASE("news reach 256 nodes in about log3 n rounds") {
  constexpr size_t count = 256;
  auto generator = std::mt19937{8};
  auto tables = std::vector<membership_table>(count);
  auto protocols = std::vector<gossip>(count);
  fixture::merge(tables[0], test_record(1));
  auto rounds = 0;
  const auto informed = [&] {
    return std::ranges::count_if(
      tables, [](const auto& x) { return x.records().size() == 1; });
  };
  for (; informed() < static_cast<std::ptrdiff_t>(count) && rounds < 50;
       ++rounds)
    for (size_t i = 0; i < count; ++i)
      fixture::round(protocols[i], tables[i], tables[generator() % count]);
  CHECK(rounds >= 3);
  CHECK(rounds <= 10);
}

TEST_SUITE_END();
