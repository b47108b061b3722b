#include "actors/zone/peer_keeper.hpp"

#include "messages/router.hpp"
#include "runtime/metrics/registry.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;
using zone::peer_book;

namespace {

peer_id peer(uint8_t number) {
  auto id = peer_id{};
  id.bytes[0] = number;
  return id;
}

/// A keeper, its book, and what it tells a router and a mesh.
struct fixture {
  deterministic_system test;
  metrics::registry metrics;
  node_context node;
  peer_book book = make_book();
  std::vector<size_t> avoided;
  std::vector<std::string> orders;
  std::vector<std::string> audited;
  caf::actor router;
  caf::actor mesh;
  zone::peer_keeper_actor uut;

  static peer_book make_book() {
    auto opts = peer_book::options{};
    opts.zones = peer_book::zones_for(60s);
    auto made = peer_book::make(opts);
    REQUIRE(made);
    return std::move(*made);
  }

  fixture() {
    node.system = &test.sys();
    node.metrics = &metrics;
    node.audit = [this](std::string kind, std::string, auto details) {
      audited.push_back(kind + " " + details["to"]);
    };
    node.standing_of
      = [this](const peer_id& id) { return book.of(id, test.now()); };
    spawn_router();
    mesh = test.sys().spawn([this]() -> caf::behavior {
      return {
        [this](const block_peer& msg) {
          orders.push_back("block " + std::to_string(msg.id.bytes[0]));
        },
        [this](const unblock_peer& msg) {
          orders.push_back("unblock " + std::to_string(msg.id.bytes[0]));
        },
      };
    });
    node.mesh.set(caf::actor_cast<mesh_actor>(mesh));
    auto opts = zone::peer_keeper_options{};
    opts.node = &node;
    opts.take_changes = [this] { return book.tick(test.now()); };
    opts.at_least = [this](trust_zone zone) { return book.at_least(zone); };
    opts.all = [this] { return book.all(test.now()); };
    opts.release
      = [this](const peer_id& id) { return book.release(id, test.now()); };
    opts.gauges_max = 2;
    using impl
      = zone::peer_keeper_actor::stateful_impl<zone::peer_keeper_state>;
    uut = test.sys().spawn<impl>(std::move(opts));
    test.run();
  }

  ~fixture() {
    node.router.set({});
    node.mesh.set({});
    for (auto* one : {&router, &mesh})
      caf::anon_send_exit(*one, caf::exit_reason::kill);
    caf::anon_send_exit(uut, caf::exit_reason::kill);
    test.run();
  }

  void spawn_router() {
    router = test.sys().spawn([this]() -> caf::behavior {
      return {
        [this](const avoid_peers& msg) { avoided.push_back(msg.ids.size()); }};
    });
    node.router.set(caf::actor_cast<router_actor>(router));
  }

  void offend(uint8_t who) {
    for (int i = 0; i < 20; ++i)
      book.note(peer(who), conduct::violation, test.now());
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/zone/peer_keeper");

TEST_CASE_FIXTURE(fixture, "a quarantined peer is avoided until it recovers") {
  test.advance(5s);
  CHECK(avoided.empty());
  offend(1);
  test.advance(1s);
  CHECK(avoided == std::vector<size_t>{1});
  CHECK(orders.empty());
  CHECK(audited
        == std::vector<std::string>{"peer.zone MONITORED",
                                    "peer.zone QUARANTINED"});
  test.advance(65s);
  CHECK(avoided == std::vector<size_t>{1, 0});
  test.advance(60s);
  CHECK(audited.back() == "peer.zone TRUSTED");
}

TEST_CASE_FIXTURE(fixture, "an isolated peer is blocked, then comes back") {
  for (int i = 0; i < 3; ++i) {
    offend(1);
    test.advance(64s);
  }
  CHECK(orders == std::vector<std::string>{"block 1"});
  test.advance(23min + 30s);
  CHECK(orders == std::vector<std::string>{"block 1", "unblock 1"});
  // It is still in quarantine then.
  CHECK(avoided.back() == 1);
  test.advance(2min);
  CHECK(avoided.back() == 0);
}

TEST_CASE_FIXTURE(fixture, "a fresh router hears who is to be avoided") {
  offend(1);
  test.advance(1s);
  caf::anon_send_exit(router, caf::exit_reason::kill);
  spawn_router();
  test.advance(1s);
  CHECK(avoided == std::vector<size_t>{1, 1});
}

TEST_CASE_FIXTURE(fixture, "an operator lets a peer out") {
  offend(1);
  test.advance(1s);
  const auto who = to_string(peer(1));
  CHECK(test.ask<zone_status>(uut, query_zone{who})->zone
        == trust_zone::quarantined);
  CHECK(test.ask<void>(uut, release_agent{who}));
  test.advance(1s);
  CHECK(avoided.back() == 0);
  CHECK(test.ask<void>(uut, release_agent{who}).error() == ec::wrong_state);
  CHECK(test.ask<void>(uut, release_agent{"x"}).error() == ec::malformed_input);
}

TEST_CASE_FIXTURE(fixture, "reputations are shown, within a bound") {
  offend(1);
  for (uint8_t i = 2; i < 5; ++i)
    book.note(peer(i), conduct::answered, test.now());
  test.advance(1s);
  const auto text = metrics.text();
  CHECK(text.find("starling_peer_reputation{peer=\"" + to_string(peer(1)))
        != std::string::npos);
  CHECK(text.find("peer=\"" + to_string(peer(2))) != std::string::npos);
  CHECK(text.find("peer=\"" + to_string(peer(3))) == std::string::npos);
}

TEST_SUITE_END();
