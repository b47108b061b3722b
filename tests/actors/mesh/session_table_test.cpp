#include "actors/mesh/session_table.hpp"

#include <doctest/doctest.h>

using namespace starling;
using namespace starling::mesh;

namespace {

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

const auto self = id_of(5);
const auto smaller = id_of(1);
const auto larger = id_of(9);

session_entry dialled(uint64_t session) {
  return {session, "memory://x", true, false, std::nullopt, false};
}

session_entry incoming(uint64_t session) {
  return {session, "memory://x", false, false, std::nullopt, false};
}

session_entry relayed(session_entry entry) {
  entry.relayed = true;
  return entry;
}

/// Adds a session and authenticates its other side.
session_verdict open(session_table& table, const session_entry& entry,
                     const peer_id& id) {
  table.add(entry);
  auto verdict = table.authenticated(entry.session, id);
  REQUIRE(verdict);
  return *verdict;
}

void check_serves(const session_table& table, const peer_id& id,
                  uint64_t session) {
  const auto* serving = table.find(id);
  REQUIRE(serving);
  CHECK(serving->session == session);
}

} // namespace

TEST_SUITE_BEGIN("actors/mesh/session_table");

TEST_CASE("of two sessions the one that the smaller id dialled stays") {
  SUBCASE("the other side has the smaller id, its session comes last") {
    auto table = session_table{self, {}};
    CHECK(open(table, dialled(1), smaller).accepted);
    const auto verdict = open(table, incoming(2), smaller);
    CHECK(verdict.accepted);
    CHECK(verdict.replaced == 1);
    check_serves(table, smaller, 2);
  }
  SUBCASE("the other side has the smaller id, its session comes first") {
    auto table = session_table{self, {}};
    CHECK(open(table, incoming(1), smaller).accepted);
    CHECK(!open(table, dialled(2), smaller).accepted);
    check_serves(table, smaller, 1);
  }
  SUBCASE("this node has the smaller id, its session comes last") {
    auto table = session_table{self, {}};
    CHECK(open(table, incoming(1), larger).accepted);
    CHECK(open(table, dialled(2), larger).replaced == 1);
    check_serves(table, larger, 2);
  }
  SUBCASE("this node has the smaller id, its session comes first") {
    auto table = session_table{self, {}};
    CHECK(open(table, dialled(1), larger).accepted);
    CHECK(!open(table, incoming(2), larger).accepted);
    check_serves(table, larger, 1);
  }
}

TEST_CASE("both nodes drop the same one of two, whichever they see first") {
  // Session 1 was dialled by the node with the smaller id, 2 by the other; the
  // nodes may see them in either order.
  for (auto small_first : {true, false})
    for (auto large_first : {true, false}) {
      auto at_small = session_table{smaller, {}};
      auto at_large = session_table{larger, {}};
      for (auto session : {small_first ? 1u : 2u, small_first ? 2u : 1u})
        open(at_small, session == 1 ? dialled(1) : incoming(2), larger);
      for (auto session : {large_first ? 1u : 2u, large_first ? 2u : 1u})
        open(at_large, session == 1 ? incoming(1) : dialled(2), smaller);
      check_serves(at_small, larger, 1);
      check_serves(at_large, smaller, 1);
    }
}

TEST_CASE("a second session from the same side replaces the first") {
  auto table = session_table{self, {}};
  open(table, incoming(1), smaller);
  table.set_ready(1);
  CHECK(open(table, incoming(2), smaller).replaced == 1);
  check_serves(table, smaller, 2);
  // The end of the old one does not touch the new one.
  CHECK(table.remove(1)->ready);
  check_serves(table, smaller, 2);
}

TEST_CASE("a direct session replaces a relayed one, never the other way") {
  auto table = session_table{self, {}};
  open(table, relayed(incoming(1)), larger);
  CHECK(open(table, incoming(2), larger).replaced == 1);
  CHECK(!open(table, relayed(dialled(3)), larger).accepted);
  check_serves(table, larger, 2);
}

TEST_CASE("nodes beyond the bound are refused until one is gone") {
  auto table = session_table{self, {.peers_max = 2, .relayed_max = 1}};
  open(table, incoming(1), id_of(11));
  open(table, dialled(2), id_of(12));
  table.add(incoming(3));
  auto refused = table.authenticated(3, id_of(13));
  REQUIRE(!refused);
  CHECK(refused.error().code == ec::limit_reached);
  CHECK(refused.error().text == "max_peers is reached (2)");
  CHECK(!table.find(id_of(13)));
  // A known node may still renew its session, and relays count apart.
  CHECK(open(table, incoming(4), id_of(11)).replaced == 1);
  CHECK(open(table, relayed(incoming(5)), id_of(14)).accepted);
  table.add(relayed(incoming(6)));
  CHECK(!table.authenticated(6, id_of(15)));
  table.remove(2);
  table.add(incoming(7));
  CHECK(table.authenticated(7, id_of(13)));
}

TEST_CASE("one stranger too many costs the oldest stranger its place") {
  auto table = session_table{self, {.handshakes_max = 3}};
  CHECK(!table.add(incoming(1)));
  CHECK(!table.add(incoming(2)));
  CHECK(!table.add(incoming(3)));
  REQUIRE(table.authenticated(1, smaller));
  CHECK(!table.add(incoming(4)));
  CHECK(table.add(incoming(5)) == 2);
  // What this node dials is its own business.
  CHECK(!table.add(dialled(6)));
}

TEST_CASE("who was told to make room is not told again") {
  auto table = session_table{self, {.handshakes_max = 3}};
  for (uint64_t session = 1; session <= 3; ++session)
    CHECK(!table.add(incoming(session)));
  CHECK(table.add(incoming(4)) == 1);
  CHECK(table.add(incoming(5)) == 2);
  table.remove(1);
  CHECK(table.add(incoming(6)) == 3);
}

TEST_CASE("who has begun a handshake outlasts those that say nothing") {
  auto table = session_table{self, {.handshakes_max = 3}};
  for (uint64_t session = 1; session <= 3; ++session)
    table.add(incoming(session));
  table.set_heard(1);
  for (uint64_t session = 4; session <= 1'000; ++session) {
    auto evicted = table.add(incoming(session));
    REQUIRE(evicted);
    CHECK(*evicted != 1);
    table.remove(*evicted);
  }
  CHECK(table.authenticated(1, smaller));
}

TEST_CASE("a host that takes most places makes room for the others") {
  auto table = session_table{self, {.handshakes_max = 8}};
  auto from = [](uint64_t session, const std::string& address) {
    auto entry = incoming(session);
    entry.address = address;
    return entry;
  };
  table.add(from(1, "tcp://10.0.0.1:4711"));
  table.add(from(2, "tcp://[::1]:4711"));
  // A crowd on one host, each with a port of its own, all of them busy.
  for (uint64_t session = 3; session <= 1'000; ++session) {
    auto evicted
      = table.add(from(session, "tcp://10.0.0.9:" + std::to_string(session)));
    table.set_heard(session);
    if (session <= 8) {
      CHECK(!evicted);
      continue;
    }
    REQUIRE(evicted);
    CHECK(*evicted == session - 6);
    table.remove(*evicted);
  }
  CHECK(table.find(uint64_t{1}));
  CHECK(table.find(uint64_t{2}));
}

TEST_CASE(
  "a flood of strangers grows nothing when the evicted ones are ended") {
  auto table = session_table{self, {.handshakes_max = 64}};
  for (uint64_t session = 1; session <= 10'000; ++session)
    if (auto evicted = table.add(incoming(session)))
      table.remove(*evicted);
  CHECK(table.all().size() == 64);
  CHECK(table.all().begin()->first == 10'000 - 63);
}

TEST_CASE("sessions that are not there are no news") {
  auto table = session_table{self, {}};
  auto verdict = table.authenticated(1, smaller);
  REQUIRE(!verdict);
  CHECK(verdict.error().code == ec::unknown_name);
  CHECK(!table.remove(1));
  table.set_ready(1);
  CHECK(!table.find(uint64_t{1}));
  CHECK(table.all().empty());
}

TEST_SUITE_END();
