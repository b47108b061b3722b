#include "actors/discovery/bootstrap_discovery.hpp"

#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_mesh.hpp"
#include "tests/support/scratch_folder.hpp"

#include <caf/send.hpp>

using namespace starling;
using namespace starling::test;
using namespace std::literals;

namespace {

peer_id node(uint8_t n) {
  auto id = peer_id{};
  id.bytes[0] = n;
  return id;
}

/// A membership that says what the test tells it to.
caf::behavior membership(caf::event_based_actor* self,
                         std::vector<membership_listener_actor>* listeners) {
  return {
    [listeners](caf::subscribe_atom,
                const membership_listener_actor& listener) {
      listeners->push_back(listener);
    },
    [self, listeners](const member_change& msg) {
      for (const auto& listener : *listeners)
        self->send(listener, msg);
    },
  };
}

struct fixture {
  deterministic_system system;
  fake_mesh mesh;
  std::vector<membership_listener_actor> listeners;
  node_context context;
  discovery::bootstrap_discovery_options options;
  discovery_actor actor;

  fixture() {
    context.system = &system.sys();
    context.self = node(5);
    context.wall_clock = [this] {
      return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
          system.now().time_since_epoch())};
    };
    context.fresh_seed = [] { return uint64_t{7}; };
    context.mesh.set(spawn_fake_mesh(system.sys(), mesh));
    context.membership.set(caf::actor_cast<membership_actor>(
      system.sys().spawn(membership, &listeners)));
    options.node = &context;
    options.bootstrap = {*config::parse_endpoint("tcp://10.0.0.1:1")};
  }

  ~fixture() {
    stop();
    listeners.clear();
    mesh.listeners.clear();
    mesh.others.clear();
    caf::anon_send_exit(context.mesh(), caf::exit_reason::kill);
    caf::anon_send_exit(context.membership(), caf::exit_reason::kill);
    context.mesh.set({});
    context.membership.set({});
    system.run();
  }

  void start() {
    using impl = discovery::bootstrap_discovery_actor::stateful_impl<
      discovery::bootstrap_discovery_state>;
    actor = system.sys().spawn<impl>(options);
    system.run();
  }

  void stop() {
    if (actor)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = nullptr;
    system.run();
    listeners.clear();
    mesh.listeners.clear();
  }

  /// Whoever dials from now on meets that node, and the session stands.
  void answer_as(uint8_t n) {
    mesh.connect = [n](const connect_address&) -> caf::result<peer_services> {
      return peer_services{node(n), {}, {}, {}};
    };
  }

  void lose(uint8_t n) {
    caf::anon_send(caf::actor_cast<caf::actor>(context.mesh()),
                   peer_down{node(n), false, {}});
    system.run();
  }

  void hear_of(uint8_t n, member_state state = member_state::alive) {
    auto member = member_info{};
    member.id = node(n);
    member.endpoints = {"tcp://10.0.1." + std::to_string(n) + ":1"};
    member.state = state;
    caf::anon_send(caf::actor_cast<caf::actor>(context.membership()),
                   member_change{member});
    system.run();
  }
};

} // namespace

TEST_SUITE_BEGIN("actors/discovery/bootstrap_discovery");

TEST_CASE_FIXTURE(fixture, "an endpoint that fails is tried ever more rarely") {
  start();
  CHECK(mesh.dialled.size() == 1);
  // Rests of at most 1, 2, 4, ... s, and at least half of that: in 60 s no
  // fewer than 1 + 5 attempts and no more than 1 + 6.
  system.advance(60s);
  CHECK(mesh.dialled.size() >= 6);
  CHECK(mesh.dialled.size() <= 7);
}

TEST_CASE_FIXTURE(fixture, "a session that stands is left alone") {
  answer_as(1);
  start();
  system.advance(1h);
  CHECK(mesh.dialled.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a session that was lost is tried at once") {
  answer_as(1);
  start();
  REQUIRE(mesh.dialled.size() == 1);
  lose(1);
  system.advance(2ms);
  CHECK(mesh.dialled.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "members that gossip names are dialled") {
  answer_as(1);
  start();
  answer_as(9);
  hear_of(9);
  REQUIRE(mesh.dialled.size() == 2);
  CHECK(mesh.dialled[1] == "tcp://10.0.1.9:1");
  // Node 2 has the smaller id: it has a second to dial first.
  answer_as(2);
  hear_of(2);
  system.advance(900ms);
  CHECK(mesh.dialled.size() == 2);
  system.advance(200ms);
  CHECK(mesh.dialled.size() == 3);
}

TEST_CASE_FIXTURE(fixture, "members are left alone if the operator says so") {
  options.bootstrap_only = true;
  answer_as(1);
  start();
  hear_of(9);
  system.advance(10min);
  CHECK(mesh.dialled.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "no more members are dialled than there may be") {
  options.peers_max = 2;
  answer_as(1);
  start();
  answer_as(9);
  hear_of(9);
  hear_of(10);
  system.advance(10min);
  CHECK(mesh.dialled.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a member that left is dialled no more") {
  answer_as(1);
  start();
  hear_of(9);
  hear_of(9, member_state::left);
  lose(9);
  system.advance(10min);
  CHECK(std::ranges::count(mesh.dialled, "tcp://10.0.1.9:1") == 1);
}

TEST_CASE_FIXTURE(fixture, "what has worked outlives a restart") {
  auto folder = scratch_folder{};
  options.cache_file = folder / "peers";
  answer_as(1);
  start();
  answer_as(9);
  hear_of(9);
  system.advance(31s);
  stop();
  mesh.dialled.clear();
  options.bootstrap.clear();
  start();
  CHECK(std::ranges::count(mesh.dialled, "tcp://10.0.1.9:1") == 1);
}

TEST_CASE_FIXTURE(fixture, "an actor that is restarted knows the sessions") {
  answer_as(1);
  options.bootstrap[0].peer = node(1);
  caf::anon_send(caf::actor_cast<caf::actor>(context.mesh()),
                 peer_up{{node(1), {}, {}, {}}, {}, false});
  system.run();
  start();
  // One attempt may be under way before the mesh has named its sessions; the
  // mesh answers it with the session that stands.
  CHECK(mesh.dialled.size() <= 1);
}

TEST_SUITE_END();
