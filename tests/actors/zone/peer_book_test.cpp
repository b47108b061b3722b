#include "actors/zone/peer_book.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace starling;
using namespace std::chrono_literals;
using zone::peer_book;

namespace {

peer_id peer(uint8_t number) {
  auto id = peer_id{};
  id.bytes[0] = number;
  return id;
}

struct fixture {
  peer_book::clock::time_point now{24h};
  peer_book::options opts;

  fixture() {
    opts.zones = peer_book::zones_for(60s);
  }

  peer_book make() {
    auto made = peer_book::make(opts);
    REQUIRE(made);
    return std::move(*made);
  }

  /// Lets time pass in ticks of a second; returns the zones on the way.
  std::string pass(peer_book& book, std::chrono::seconds span) {
    auto way = std::string{};
    for (const auto end = now + span; now < end;) {
      now += 1s;
      for (const auto& change : book.tick(now))
        way += std::string{name_of(change.what.to)} + " ";
    }
    return way;
  }

  void offend(peer_book& book, const peer_id& who, int times) {
    for (int i = 0; i < times; ++i)
      book.note(who, conduct::violation, now);
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/zone/peer_book");

TEST_CASE("zones keep their proportions to the quarantine") {
  // 3600 s of quarantine go with 300 s, 1800 s and 24 h.
  const auto zones = peer_book::zones_for(60s);
  CHECK(zones.quarantine_duration == 60s);
  CHECK(zones.monitor_stay == 5s);
  CHECK(zones.probation == 30s);
  CHECK(zones.isolation_duration == 24min);
}

TEST_CASE_FIXTURE(fixture, "strangers are trusted and not proven") {
  const auto book = make();
  const auto known = book.of(peer(1), now);
  CHECK(known.zone == trust_zone::trusted);
  CHECK(known.reputation == 0.5);
  CHECK_FALSE(known.proven);
}

TEST_CASE_FIXTURE(fixture, "a peer that answers for minutes is proven") {
  auto book = make();
  for (int i = 0; i < 100; ++i)
    book.note(peer(1), conduct::answered, now += 1s);
  // 1 - 0.5 * 0.995^100 = 0.697
  CHECK_FALSE(book.of(peer(1), now).proven);
  for (int i = 0; i < 10; ++i)
    book.note(peer(1), conduct::answered, now += 1s);
  CHECK(book.of(peer(1), now).proven);
}

TEST_CASE_FIXTURE(fixture, "a lapse of a peer of standing is forgiven") {
  auto book = make();
  for (int i = 0; i < 1'000; ++i)
    book.note(peer(1), conduct::answered, now += 1s);
  offend(book, peer(1), 2);
  CHECK(book.of(peer(1), now).zone == trust_zone::trusted);
  CHECK(book.tick(now).empty());
}

TEST_CASE_FIXTURE(fixture, "who offends without end is cut off, and recovers") {
  auto book = make();
  offend(book, peer(1), 12);
  CHECK(book.of(peer(1), now).zone == trust_zone::quarantined);
  CHECK(book.at_least(trust_zone::quarantined) == std::vector{peer(1)});
  CHECK(book.at_least(trust_zone::isolated).empty());
  const auto changes = book.tick(now);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].what.to == trust_zone::monitored);
  CHECK(changes[1].what.to == trust_zone::quarantined);
  CHECK(pass(book, 59s).empty());
  CHECK(pass(book, 2s) == "MONITORED ");
  // It begins with a second chance.
  CHECK(book.of(peer(1), now).reputation
        == doctest::Approx(0.25).epsilon(0.01));
  CHECK(pass(book, 40s) == "TRUSTED ");
  CHECK(book.at_least(trust_zone::quarantined).empty());
}

TEST_CASE_FIXTURE(fixture, "the third quarantine isolates") {
  auto book = make();
  for (int i = 0; i < 2; ++i) {
    offend(book, peer(1), 20);
    CHECK(book.of(peer(1), now).zone == trust_zone::quarantined);
    static_cast<void>(pass(book, 62s));
    CHECK(book.of(peer(1), now).zone == trust_zone::monitored);
  }
  offend(book, peer(1), 20);
  CHECK(book.of(peer(1), now).zone == trust_zone::isolated);
  CHECK(pass(book, 24min + 1s) == "ISOLATED QUARANTINED ");
  CHECK(pass(book, 61s) == "MONITORED ");
}

TEST_CASE_FIXTURE(fixture, "the book tells what it was that it saw") {
  auto book = make();
  book.note(peer(1), conduct::answered, now);
  offend(book, peer(1), 12);
  pass(book, 1s);
  now += 7s;
  const auto all = book.all(now);
  REQUIRE(all.size() == 1);
  const auto& held = all.front();
  CHECK(held.now.zone == trust_zone::quarantined);
  CHECK(held.seen[static_cast<size_t>(conduct::answered)] == 1);
  CHECK(held.seen[static_cast<size_t>(conduct::violation)] == 12);
  CHECK(held.seen[static_cast<size_t>(conduct::forged)] == 0);
  CHECK(held.strikes == 1);
  CHECK(held.in_zone == 8s);
}

TEST_CASE_FIXTURE(fixture, "an operator releases who is cut off") {
  auto book = make();
  CHECK(book.release(peer(1), now).error().code == ec::wrong_state);
  offend(book, peer(1), 20);
  REQUIRE(book.release(peer(1), now));
  CHECK(book.of(peer(1), now).zone == trust_zone::monitored);
}

TEST_CASE_FIXTURE(fixture, "the full book forgets who has nothing against it") {
  opts.peers_max = 2;
  auto book = make();
  offend(book, peer(1), 20);
  book.note(peer(2), conduct::answered, now += 1s);
  book.note(peer(3), conduct::answered, now += 1s);
  CHECK(book.all(now).size() == 2);
  CHECK(book.of(peer(1), now).zone == trust_zone::quarantined);
  CHECK(book.of(peer(2), now).reputation == 0.5);
  CHECK(book.of(peer(3), now).reputation > 0.5);
  offend(book, peer(3), 20);
  offend(book, peer(4), 20);
  CHECK(book.of(peer(4), now).zone == trust_zone::trusted);
}

TEST_CASE_FIXTURE(fixture, "wrong options are refused") {
  opts.peers_max = 0;
  CHECK(peer_book::make(opts).error().code == ec::invalid_option);
}

TEST_SUITE_END();
