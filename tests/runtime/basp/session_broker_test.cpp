// Streams come and go: who may attach, what is offered, what ends with them,
// and sessions that are opened because a handle needs one.

#include "runtime/basp/session_broker.hpp"

#include "tests/runtime/basp/broker_fixture.hpp"

#include <caf/scoped_actor.hpp>

#include <string>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

caf::behavior echo() {
  return {
    [](const std::string& text) { return text; },
    [](const caf::actor& handle) { return handle; },
  };
}

struct fixture {
  broker_pair pair;
  caf::actor at_home = pair.a.keep(pair.a.system.sys().spawn(echo));
  caf::actor abroad = pair.b.keep(pair.b.system.sys().spawn(echo));
  std::vector<std::string> notes;

  fixture() {
    pair.meet({at_home}, {abroad});
  }

  ~fixture() {
    for (auto* node : {&pair.a, &pair.b})
      node->system.tell(node->bridge, stream_detach{1, {}});
    pair.a.system.sys().registry().erase(at_home->id());
    pair.b.system.sys().registry().erase(abroad->id());
    at_home = nullptr;
    abroad = nullptr;
  }

  template <class Result, class... Ts>
  caf::expected<Result>
  ask(broker_node& from, const caf::actor& to, Ts&&... content) {
    auto asker = caf::scoped_actor{from.system.sys()};
    auto pending
      = asker->request(to, caf::infinite, std::forward<Ts>(content)...);
    pair.run();
    if (!asker->has_next_message())
      return caf::make_error(caf::sec::request_timeout);
    auto result = caf::expected<Result>{caf::sec::none};
    pending.receive([&](Result& value) { result = std::move(value); },
                    [&](caf::error& reason) { result = std::move(reason); });
    return result;
  }
};

} // namespace

TEST_SUITE_BEGIN("runtime/basp/session_broker");

TEST_CASE_FIXTURE(fixture, "both sides reach what the other offers") {
  CHECK(ask<std::string>(pair.a, pair.at_a(), "to b") == std::string{"to b"});
  CHECK(ask<std::string>(pair.b, pair.at_b(), "to a") == std::string{"to a"});
}

TEST_CASE_FIXTURE(fixture,
                  "a handle in a message can be used where it arrives") {
  auto given = pair.a.keep(pair.a.system.sys().spawn(echo));
  auto proxy = caf::actor{};
  // Before it was given away, its id reaches nobody.
  auto returned = ask<caf::actor>(pair.a, pair.at_a(), given);
  REQUIRE(returned);
  CHECK(*returned == given);
  CHECK(returned->node() == pair.a.id());
  pair.a.system.sys().registry().erase(given.id());
}

TEST_CASE_FIXTURE(fixture, "the end of a session ends proxies and monitors") {
  auto self = caf::scoped_actor{pair.a.system.sys()};
  self->monitor(pair.at_a());
  pair.run();
  CHECK(!self->has_next_message());
  pair.a.system.tell(pair.a.bridge, stream_detach{1, {}});
  REQUIRE(self->has_next_message());
  self->receive([&](const caf::down_msg& down) {
    CHECK(down.source == pair.at_a().address());
    CHECK(down.reason == caf::exit_reason::remote_link_unreachable);
  });
}

TEST_CASE_FIXTURE(fixture, "who asks an actor that has ended gets an answer") {
  const auto remote = pair.at_a();
  pair.b.system.tell(abroad, caf::exit_msg{{}, caf::exit_reason::kill});
  pair.run();
  auto answer = ask<std::string>(pair.a, remote, "too late");
  REQUIRE(!answer);
  CHECK(answer.error() == caf::exit_reason::remote_link_unreachable);
}

TEST_CASE_FIXTURE(fixture, "the end of an actor reaches monitors and links") {
  auto linked = pair.a.keep(pair.a.system.sys().spawn(
    [to = pair.at_a()](caf::event_based_actor* self) -> caf::behavior {
      self->link_to(to);
      return {[](int) {}};
    }));
  auto self = caf::scoped_actor{pair.a.system.sys()};
  self->monitor(pair.at_a());
  self->monitor(linked);
  pair.run();
  pair.b.system.tell(abroad, caf::exit_msg{{}, caf::exit_reason::kill});
  pair.run();
  auto ended = std::vector<caf::actor_addr>{};
  while (self->has_next_message())
    self->receive(
      [&](const caf::down_msg& down) { ended.push_back(down.source); });
  CHECK(ended == std::vector{pair.at_a().address(), linked.address()});
}

TEST_CASE_FIXTURE(fixture, "a second stream to the same CAF node is refused") {
  pair.a.attach(2, pair.b.id(), true);
  REQUIRE(pair.a.failed.size() == 1);
  CHECK(pair.a.failed[0].stream == 2);
  CHECK(pair.a.failed[0].reason == ec::duplicate_name);
  // The first one is not touched by it, nor by its end.
  pair.a.system.tell(pair.a.bridge, stream_detach{2, {}});
  CHECK(ask<std::string>(pair.a, pair.at_a(), "still here")
        == std::string{"still here"});
}

TEST_CASE_FIXTURE(fixture, "nobody is this node but this node") {
  pair.a.attach(2, pair.a.id(), true);
  pair.a.attach(3, caf::node_id{}, true);
  CHECK(pair.a.failed.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "offers change while the session stands") {
  auto more = pair.b.keep(pair.b.system.sys().spawn(echo));
  pair.b.system.tell(pair.b.bridge, stream_services{1, {ptr(more)}, {}});
  pair.a.system.tell(pair.a.bridge,
                     stream_services{1, {}, {{"more", more.id()}}});
  REQUIRE(pair.a.up.size() == 2);
  CHECK(pair.a.up[1].services[0].name == "more");
  CHECK(ask<std::string>(pair.a, pair.at_a(), "x") == std::string{"x"});
  pair.b.system.sys().registry().erase(more.id());
}

TEST_CASE_FIXTURE(fixture, "the same nodes meet again after a session ended") {
  for (auto* node : {&pair.a, &pair.b})
    node->system.tell(node->bridge, stream_detach{1, {}});
  pair.a.up.clear();
  pair.b.up.clear();
  pair.meet({at_home}, {abroad});
  CHECK(ask<std::string>(pair.a, pair.at_a(), "again") == std::string{"again"});
}

TEST_CASE("a handle of an unknown node has the mesh asked for a session") {
  auto node = broker_node{};
  auto asked = std::vector<caf::node_id>{};
  auto reply = caf::error{ec::unknown_peer};
  auto mesh = node.keep(
    node.system.sys().spawn([&](caf::event_based_actor*) -> caf::behavior {
      return {[&](const connect_node& msg) -> caf::result<peer_services> {
        asked.push_back(msg.node);
        return reply;
      }};
    }));
  node.system.tell(node.bridge, caf::connect_atom_v,
                   caf::actor_cast<mesh_actor>(mesh));
  auto refused = std::vector<caf::error>{};
  auto keeper = caf::strong_actor_ptr{};
  auto service = node.keep(
    node.system.sys().spawn([&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](const caf::strong_actor_ptr& x) {
        keeper = x;
        self->request(caf::actor_cast<caf::actor>(x), caf::infinite, "hello")
          .then([](const std::string&) { FAIL("nobody is there"); },
                [&](const caf::error& reason) { refused.push_back(reason); });
      }};
    }));
  auto peer = hand_written_peer{node};
  peer.meet({service});
  node.out.clear();
  auto third = hand_written_peer{node, 2, 0xcd};
  peer.message_with_handle(7, service.id(), third.id(), 12);
  REQUIRE(keeper);
  CHECK(keeper->node() == third.id());
  CHECK(asked == std::vector{third.id()});
  // There is no way: who asks is told, and the node in between carries nothing.
  REQUIRE(refused.size() == 1);
  CHECK(refused[0] == ec::unknown_peer);
  CHECK(node.out.empty());
  // The handle is that of an actor that has ended.
  auto self = caf::scoped_actor{node.system.sys()};
  self->monitor(caf::actor_cast<caf::actor>(keeper));
  node.system.run();
  CHECK(self->has_next_message());
  node.system.tell(node.bridge, stream_detach{1, {}});
  keeper = nullptr;
  node.system.sys().registry().erase(service.id());
}

TEST_SUITE_END();
