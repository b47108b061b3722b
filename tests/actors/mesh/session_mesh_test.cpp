// How a mesh keeps its sessions, with everything around it made up: transports,
// the actors that own the sessions, membership and router.

#include "actors/mesh/session_mesh.hpp"

#include "messages/audit.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

peer_id id_of(uint8_t number) {
  auto id = peer_id{};
  id.bytes.fill(number);
  return id;
}

const auto self_id = id_of(5);
const auto bob = id_of(9);
const auto carol = id_of(3);

struct fixture {
  deterministic_system test{network::simulated};
  node_context node;
  std::vector<audit_event> audited;
  std::vector<caf::actor> to_end;
  // What the mesh asked of those around it.
  std::vector<std::string> dialled;
  std::vector<mesh::peer_request> spawned;
  std::map<uint64_t, caf::actor> peers;
  std::map<uint64_t, caf::error> told_to_end;
  std::vector<stream_detach> detached;
  std::vector<std::string> joined;
  std::map<peer_id, std::string> blocked;
  std::vector<peer_up> up;
  std::vector<peer_down> down;
  /// Addresses that can't be dialled.
  std::vector<std::string> dead;
  caf::actor link = fake(
    [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  mesh_actor uut;

  fixture() {
    node.system = &test.sys();
    node.self = self_id;
    node.audit = [this](std::string kind, std::string subject,
                        std::map<std::string, std::string> details) {
      audited.push_back(
        {std::move(kind), std::move(subject), std::move(details)});
    };
    auto opts = mesh::session_mesh_options{};
    opts.node = &node;
    opts.bridge = caf::actor_cast<bridge_actor>(
      fake([this](caf::event_based_actor*) -> caf::behavior {
        return {
          [](caf::connect_atom, const mesh_actor&) {},
          [this](const stream_detach& msg) { detached.push_back(msg); },
        };
      }));
    opts.transports["memory"] = transport();
    opts.listen = {"memory://self"};
    opts.spawn_peer
      = [this](const mesh::peer_request& msg) { return spawn_peer(msg); };
    opts.is_blocked = [this](const peer_id& id) -> std::optional<std::string> {
      if (auto found = blocked.find(id); found != blocked.end())
        return found->second;
      return std::nullopt;
    };
    opts.block = [this](const peer_id& id, std::string why) {
      blocked[id] = std::move(why);
    };
    opts.unblock = [this](const peer_id& id) { blocked.erase(id); };
    opts.joined = [this](const caf::byte_buffer& reply) {
      joined.push_back(std::to_string(reply.size()));
    };
    opts.limits = {.peers_max = 2, .handshakes_max = 3};
    opts.connection_timeout = 5s;
    auto cfg = caf::actor_config{&test.sys().middleman().backend()};
    uut = caf::actor_cast<mesh_actor>(
      test.sys().spawn_impl<mesh::session_mesh, caf::no_spawn_options>(
        cfg, std::move(opts)));
    test.run();
  }

  ~fixture() {
    node.membership.set({});
    node.router.set({});
    caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
    uut = nullptr;
    test.run();
    for (auto& each : to_end)
      caf::anon_send_exit(each, caf::exit_reason::kill);
    to_end.clear();
    peers.clear();
    spawned.clear();
    up.clear();
    link = nullptr;
    test.run();
  }

  template <class F>
  caf::actor fake(F make) {
    return to_end.emplace_back(test.sys().spawn(std::move(make)));
  }

  transport_actor transport() {
    return caf::actor_cast<transport_actor>(
      fake([this](caf::event_based_actor*) -> caf::behavior {
        return {
          [](const link_listen& msg) { return msg.address + ":1"; },
          [this](const link_dial& msg) -> caf::result<link_opened> {
            dialled.push_back(msg.address);
            if (std::find(dead.begin(), dead.end(), msg.address) != dead.end())
              return caf::make_error(ec::unreachable, msg.address);
            return link_opened{caf::actor_cast<link_actor>(link), msg.address,
                               true};
          },
        };
      }));
  }

  peer_actor spawn_peer(const mesh::peer_request& msg) {
    spawned.push_back(msg);
    auto made = fake(
      [this, id = msg.session](caf::event_based_actor* self) -> caf::behavior {
        return {
          [this, id](const end_session& order) {
            told_to_end[id] = order.reason;
          },
          [](const update_services&) {},
          [](const send_packet&) {},
          [this, id](const query_session&) {
            auto status = peer_status{};
            status.address = std::to_string(id);
            return status;
          },
          // For tests: a crash.
          [self](caf::ok_atom) { self->quit(caf::exit_reason::kill); },
        };
      });
    peers[msg.session] = made;
    return caf::actor_cast<peer_actor>(made);
  }

  // -- what happens -----------------------------------------------------------

  /// A stranger connects.
  uint64_t arrive(const std::string& address = "memory://stranger") {
    test.tell(caf::actor_cast<link_acceptor_actor>(uut),
              link_opened{caf::actor_cast<link_actor>(link), address, false});
    return spawned.back().session;
  }

  /// The other side of a session has authenticated. Returns the verdict.
  caf::expected<bool> offer(uint64_t session, const peer_id& id,
                            size_t reply = 0) {
    auto msg = session_offer{};
    msg.session = session;
    msg.id = id;
    msg.reply.resize(reply);
    return test.ask<bool>(caf::actor_cast<peer_owner_actor>(uut), msg);
  }

  void become_ready(uint64_t session, const peer_id& id) {
    test.tell(caf::actor_cast<peer_owner_actor>(uut),
              session_ready{
                session, peer_services{id, "name", {}, {{"echo", {}}}}, {}});
  }

  void end(uint64_t session, caf::error reason = {}) {
    test.tell(caf::actor_cast<peer_owner_actor>(uut),
              session_ended{session, std::move(reason)});
  }

  void stand(uint64_t session, const peer_id& id) {
    REQUIRE(offer(session, id) == true);
    become_ready(session, id);
  }

  size_t count(const std::string& kind) const {
    return static_cast<size_t>(
      std::count_if(audited.begin(), audited.end(),
                    [&](const auto& event) { return event.kind == kind; }));
  }

  void listen() {
    auto listener = caf::actor_cast<mesh_listener_actor>(
      fake([this](caf::event_based_actor*) -> caf::behavior {
        return {
          [this](const peer_up& msg) { up.push_back(msg); },
          [this](const peer_down& msg) { down.push_back(msg); },
        };
      }));
    test.tell(uut, caf::subscribe_atom_v, listener);
  }

  /// Asks for a session without waiting for it.
  struct question {
    explicit question(caf::actor_system& system) : self{system} {
      // nop
    }

    caf::scoped_actor self;

    /// Returns what came: the id, or the error's text.
    std::string answer() {
      auto result = std::string{"nothing yet"};
      if (self->has_next_message())
        self->receive(
          [&](const peer_services& x) { result = short_name(x.id); },
          [&](const caf::error& x) { result = to_string(x); });
      return result;
    }
  };

  template <class Message>
  std::unique_ptr<question> ask(const Message& msg) {
    auto result = std::make_unique<question>(test.sys());
    result->self->send(uut, msg);
    test.run();
    return result;
  }

  void know_member(const peer_id& id, std::vector<std::string> endpoints) {
    auto member = member_info{};
    member.id = id;
    member.endpoints = std::move(endpoints);
    node.membership.set(caf::actor_cast<membership_actor>(
      fake([member](caf::event_based_actor*) -> caf::behavior {
        return {
          [member](const find_member& msg) -> caf::result<member_info> {
            if (msg.id == member.id)
              return member;
            return caf::make_error(ec::unknown_peer, to_string(msg.id));
          },
        };
      })));
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE_BEGIN("actors/mesh/session_mesh");

TEST_CASE_FIXTURE(fixture, "listening returns the addresses, twice the same") {
  for (auto i = 0; i < 2; ++i) {
    auto found = test.ask<mesh_addresses>(uut, start_mesh{});
    REQUIRE(found);
    CHECK(found->addresses == std::vector<std::string>{"memory://self:1"});
  }
}

TEST_CASE_FIXTURE(fixture,
                  "who dials gets the services once the session is up") {
  auto asked = ask(connect_address{"memory://bob", {bob}});
  REQUIRE(spawned.size() == 1);
  CHECK(spawned[0].dialled);
  CHECK(spawned[0].expected == bob);
  CHECK(asked->answer() == "nothing yet");
  stand(spawned[0].session, bob);
  CHECK(asked->answer() == short_name(bob));
  CHECK(count("session.established") == 1);
}

TEST_CASE_FIXTURE(fixture, "a node with a session is not dialled again") {
  ask(connect_address{"memory://bob", {bob}});
  stand(spawned[0].session, bob);
  CHECK(ask(connect_address{"memory://bob", {bob}})->answer()
        == short_name(bob));
  CHECK(ask(connect_peer{bob})->answer() == short_name(bob));
  CHECK(dialled.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "an address of an unknown kind is refused") {
  CHECK(has(ask(connect_address{"carrier-pigeon://x", {}})->answer(),
            "no transport"));
}

TEST_CASE_FIXTURE(fixture, "why a session failed is told to who asked for it") {
  auto asked = ask(connect_address{"memory://bob", {bob}});
  end(spawned[0].session,
      caf::make_error(ec::authentication_failed, "another id"));
  CHECK(has(asked->answer(), "another id"));
  CHECK(count("session.refused") == 1);
  CHECK(audited[0].details.at("reason")
        == "authentication_failed(\"another id\")");
  CHECK(audited[0].details.at("address") == "memory://bob");
}

TEST_CASE_FIXTURE(fixture, "a session whose actor crashes is over") {
  listen();
  const auto session = arrive();
  stand(session, bob);
  CHECK(up.size() == 1);
  test.tell(peers[session], caf::ok_atom_v);
  REQUIRE(down.size() == 1);
  CHECK(down[0].id == bob);
  CHECK(detached.size() == 1);
  CHECK(count("session.ended") == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "who listens is told of sessions that stand already") {
  const auto session = arrive();
  stand(session, bob);
  listen();
  REQUIRE(up.size() == 1);
  CHECK(up[0].peer.id == bob);
  CHECK(up[0].address == "memory://stranger");
}

TEST_CASE_FIXTURE(fixture, "of two sessions one goes, and nobody hears of it") {
  listen();
  auto asked = ask(connect_address{"memory://carol", {carol}});
  const auto ours = spawned.back().session;
  const auto theirs = arrive();
  // Carol's id is the smaller one: what she dialled stays.
  CHECK(offer(ours, carol) == true);
  CHECK(offer(theirs, carol) == true);
  CHECK(told_to_end.at(ours) == ec::duplicate_name);
  CHECK(!told_to_end.contains(theirs));
  // The bridge lets go of the old one first.
  REQUIRE(detached.size() == 1);
  CHECK(detached[0].stream == ours);
  end(ours, caf::make_error(ec::duplicate_name));
  become_ready(theirs, carol);
  CHECK(asked->answer() == short_name(carol));
  CHECK(up.size() == 1);
  CHECK(down.empty());
  CHECK(count("session.refused") == 0);
}

TEST_CASE_FIXTURE(fixture,
                  "a blocked node loses its session and gets no other") {
  const auto session = arrive();
  stand(session, bob);
  test.tell(uut, block_peer{bob, "it lies"});
  CHECK(told_to_end.at(session) == ec::quarantined);
  end(session, caf::make_error(ec::quarantined, "it lies"));
  auto verdict = offer(arrive(), bob);
  REQUIRE(!verdict);
  CHECK(verdict.error() == ec::quarantined);
  CHECK(has(ask(connect_peer{bob})->answer(), "it lies"));
  test.tell(uut, unblock_peer{bob});
  CHECK(offer(arrive(), bob) == true);
}

TEST_CASE_FIXTURE(fixture, "nodes beyond the bound are refused") {
  stand(arrive(), bob);
  stand(arrive(), carol);
  auto verdict = offer(arrive(), id_of(7));
  REQUIRE(!verdict);
  CHECK(verdict.error() == ec::limit_reached);
}

TEST_CASE_FIXTURE(fixture,
                  "a flood of strangers costs the oldest their place") {
  const auto first = arrive();
  for (auto i = 0; i < 2; ++i)
    arrive();
  CHECK(told_to_end.empty());
  arrive();
  CHECK(told_to_end.at(first) == ec::limit_reached);
  // 10,000 connections that never say anything leave three.
  for (auto i = 0; i < 10'000; ++i) {
    arrive();
    for (const auto& [session, reason] : std::exchange(told_to_end, {}))
      end(session, reason);
  }
  // The audit log is not flooded, too.
  CHECK(count("session.refused") <= 101);
  auto found = test.ask<std::vector<peer_status>>(uut, list_peers{});
  REQUIRE(found);
  CHECK(found->empty());
  // And who is honest gets in, in the middle of the flood.
  const auto honest = arrive();
  test.tell(caf::actor_cast<peer_owner_actor>(uut), session_heard{honest});
  for (auto i = 0; i < 100; ++i)
    arrive();
  CHECK(!told_to_end.contains(honest));
  CHECK(offer(honest, bob) == true);
}

TEST_CASE_FIXTURE(fixture,
                  "what a sponsor answers is kept only if it was taken") {
  CHECK(offer(arrive(), bob, 100) == true);
  CHECK(joined == std::vector<std::string>{"100"});
  CHECK(offer(arrive(), carol) == true);
  CHECK(!offer(arrive(), id_of(7), 200));
  CHECK(joined.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "all addresses of a member are tried in order") {
  know_member(bob, {"other://x", "memory://b1", "memory://b2"});
  dead = {"memory://b1"};
  auto asked = ask(connect_peer{bob});
  CHECK(dialled == std::vector<std::string>{"memory://b1", "memory://b2"});
  CHECK(spawned.back().expected == bob);
  stand(spawned.back().session, bob);
  CHECK(asked->answer() == short_name(bob));
}

TEST_CASE_FIXTURE(fixture, "a relay is the last way, and then there is none") {
  know_member(bob, {"memory://b1"});
  dead = {"memory://b1"};
  auto asked = ask(connect_peer{bob});
  CHECK(has(asked->answer(), "no address and no route"));
  auto asked_router = 0;
  node.router.set(caf::actor_cast<router_actor>(
    fake([&](caf::event_based_actor*) -> caf::behavior {
      return {[&](const open_relay&) {
        ++asked_router;
        return caf::actor_cast<link_actor>(link);
      }};
    })));
  asked = ask(connect_peer{bob});
  CHECK(asked_router == 1);
  REQUIRE(!spawned.empty());
  CHECK(spawned.back().relayed);
  CHECK(spawned.back().expected == bob);
  end(spawned.back().session, caf::make_error(ec::ttl_exceeded, "too far"));
  CHECK(has(asked->answer(), "too far"));
}

TEST_CASE_FIXTURE(fixture,
                  "several who want the same node wait for one session") {
  know_member(bob, {"memory://bob"});
  auto first = ask(connect_peer{bob});
  auto second = ask(connect_peer{bob});
  CHECK(dialled.size() == 1);
  stand(spawned.back().session, bob);
  CHECK(first->answer() == short_name(bob));
  CHECK(second->answer() == short_name(bob));
}

TEST_CASE_FIXTURE(fixture, "a node does not dial itself") {
  CHECK(has(ask(connect_peer{self_id})->answer(), "this node itself"));
}

TEST_CASE_FIXTURE(fixture, "services are found by name") {
  stand(arrive(), bob);
  CHECK(test.ask<caf::strong_actor_ptr>(uut, find_service{bob, "echo"}));
  auto missing = test.ask<caf::strong_actor_ptr>(uut, find_service{bob, "x"});
  REQUIRE(!missing);
  CHECK(missing.error() == ec::unknown_name);
}

TEST_CASE_FIXTURE(fixture, "packets go to neighbours only") {
  auto sent = test.ask<void>(uut, send_packet{bob, {}});
  REQUIRE(!sent);
  CHECK(sent.error() == ec::unreachable);
  const auto session = arrive();
  REQUIRE(offer(session, bob) == true);
  CHECK(!test.ask<void>(uut, send_packet{bob, {}}));
  become_ready(session, bob);
  CHECK(test.ask<void>(uut, send_packet{bob, {}}));
}

TEST_CASE_FIXTURE(fixture, "ending a session that is not there is an error") {
  auto ended = test.ask<void>(uut, disconnect_peer{bob, "x"});
  REQUIRE(!ended);
  CHECK(ended.error() == ec::unknown_peer);
  const auto session = arrive();
  stand(session, bob);
  CHECK(test.ask<void>(uut, disconnect_peer{bob, "enough"}));
  CHECK(has(to_string(told_to_end.at(session)), "enough"));
}

TEST_CASE_FIXTURE(fixture, "the end of the mesh is the end of its sessions") {
  const auto session = arrive();
  stand(session, bob);
  caf::anon_send_exit(uut, caf::exit_reason::user_shutdown);
  test.run();
  CHECK(has(to_string(told_to_end.at(session)), "shuts down"));
}

TEST_SUITE_END();
