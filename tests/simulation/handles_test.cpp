// Actors on other nodes: spawned, handed around, watched, and what a node that
// was given no handle can do with them.

#include "messages/router.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

/// Returns the reasons of the down messages that are there.
std::vector<caf::error> downs(caf::scoped_actor& self) {
  auto result = std::vector<caf::error>{};
  while (self->has_next_message())
    self->receive(
      [&](const caf::down_msg& down) { result.push_back(down.reason); });
  return result;
}

/// Spawns an actor on node 0 that is linked to another one and ends with it.
caf::actor spawn_linked(simulated_cluster& cluster, const echo_actor& to) {
  auto linked = cluster.system(0).sys().spawn(
    [to](caf::event_based_actor* self) -> caf::behavior {
      self->link_to(to);
      return {[](int) {}};
    });
  cluster.advance(1s);
  return linked;
}

} // namespace

TEST_SUITE_BEGIN("simulation/handles");

TEST_CASE("an actor spawned on another node is used like a local one") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto remote = spawn_on<echo_actor>(cluster, 0, 1, "echo");
  CHECK(remote.node() == cluster.system(1).sys().node());
  for (auto size : {size_t{0}, size_t{1}, size_t{100'000}, size_t{5'000'000}}) {
    const auto text = std::string(size, 'x');
    CHECK(cluster.ask<std::string>(0, remote, text) == text);
  }
}

TEST_CASE("an interface that the type does not have is refused") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto peer = dial(cluster, 0, 1);
  REQUIRE(peer);
  auto spawned = cluster.ask<caf::strong_actor_ptr>(
    0, service_of<spawner_actor>(*peer, "spawner"),
    spawn_request{
      "echo", "", {}, cluster.system(0).sys().message_types<counter_actor>()});
  REQUIRE(!spawned);
  CHECK(spawned.error() == ec::incompatible_plugin);
}

TEST_CASE("a peer spawns only what the node's file lets it") {
  auto cluster = simulated_cluster{
    2, 1, add_test_actors, [](size_t index, config::node_options& opts) {
      be_quiet(index, opts);
      opts.spawn_rules = {{std::nullopt, {"echo"}, 2}};
      // A stranger has its whole quota.
      opts.trust.trust_threshold = 0.5;
    }};
  auto peer = dial(cluster, 0, 1);
  REQUIRE(peer);
  const auto spawner = service_of<spawner_actor>(*peer, "spawner");
  const auto spawn = [&](const std::string& type) {
    return cluster.ask<caf::strong_actor_ptr>(0, spawner,
                                              spawn_request{type, "", {}, {}});
  };
  auto refused = spawn("counter");
  REQUIRE(!refused);
  CHECK(refused.error() == ec::permission_denied);
  CHECK(spawn("echo"));
  auto second = spawn("echo");
  REQUIRE(second);
  auto third = spawn("echo");
  REQUIRE(!third);
  CHECK(third.error() == ec::limit_reached);
  // What ended counts no more.
  caf::anon_send_exit(caf::actor_cast<caf::actor>(*second),
                      caf::exit_reason::user_shutdown);
  cluster.advance(1s);
  CHECK(spawn("echo"));
}

TEST_CASE("monitors and links fire when an actor ends in order") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto remote = spawn_on<echo_actor>(cluster, 0, 1, "echo");
  auto self = caf::scoped_actor{cluster.system(0).sys()};
  auto linked = spawn_linked(cluster, remote);
  self->monitor(remote);
  self->monitor(linked);
  cluster.advance(1s);
  CHECK(!self->has_next_message());
  caf::anon_send_exit(remote, caf::exit_reason::user_shutdown);
  cluster.advance(1s);
  const auto reasons = downs(self);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0] == caf::exit_reason::user_shutdown);
  CHECK(reasons[1] == caf::exit_reason::user_shutdown);
}

TEST_CASE("monitors and links fire when a node is cut off") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto remote = spawn_on<echo_actor>(cluster, 0, 1, "echo");
  auto self = caf::scoped_actor{cluster.system(0).sys()};
  auto linked = spawn_linked(cluster, remote);
  self->monitor(remote);
  self->monitor(linked);
  cluster.advance(1s);
  cluster.network().cut("n0", "n1");
  // Three signs of life in a row, a second apart, stay unanswered: the fourth
  // beat ends the session, not earlier.
  cluster.advance(2900ms);
  CHECK(!self->has_next_message());
  cluster.advance(2s);
  const auto reasons = downs(self);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0] == caf::exit_reason::remote_link_unreachable);
  CHECK(reasons[1] == caf::exit_reason::remote_link_unreachable);
  // Both sides see it, and write down why.
  for (size_t i = 0; i < 2; ++i) {
    CHECK(peers_of(cluster, i).empty());
    const auto ended = audited(cluster, i, "session.ended");
    REQUIRE(ended.size() == 1);
    CHECK(ended[0].details.at("reason").find("no sign of life")
          != std::string::npos);
  }
  // When it is back, so is the way to a new session.
  cluster.network().heal("n0", "n1", cluster.now());
  cluster.advance(5s);
  CHECK(dial(cluster, 0, 1));
}

TEST_CASE("monitors fire when a node ends in order") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto remote = spawn_on<echo_actor>(cluster, 0, 1, "echo");
  auto self = caf::scoped_actor{cluster.system(0).sys()};
  self->monitor(remote);
  cluster.advance(100ms);
  cluster.node(1).stop();
  cluster.advance(500ms);
  CHECK(downs(self).size() == 1);
  CHECK(peers_of(cluster, 0).empty());
}

TEST_CASE("a short cut ends nothing and loses nothing") {
  auto cluster = simulated_cluster{2, 1, add_test_actors, be_quiet};
  auto remote = spawn_on<counter_actor>(cluster, 0, 1, "counter");
  auto self = caf::scoped_actor{cluster.system(0).sys()};
  self->monitor(remote);
  for (uint64_t i = 0; i < 20; ++i) {
    if (i == 5)
      cluster.network().cut("n0", "n1");
    if (i == 15)
      cluster.network().heal("n0", "n1", cluster.now());
    self->send(remote, i, std::string{"x"});
    cluster.advance(200ms);
  }
  CHECK(cluster.ask<std::string>(0, remote, caf::get_atom_v) == all_below(20));
  while (self->has_next_message())
    self->receive([](uint64_t) {},
                  [](const caf::down_msg&) { FAIL("the session ended"); });
}

namespace {

constexpr size_t a = 0;
constexpr size_t b = 1;
constexpr size_t c = 2;

/// A and C dial B only; B has a handle on an actor of C and gives it to A.
struct triangle {
  simulated_cluster cluster;
  echo_actor on_c;
  echo_actor at_a;

  explicit triangle(const simulated_cluster::tweak_fun& tweak = {},
                    const simulated_cluster::parts_fun& shape = {})
    : cluster{3, 1, add_test_actors,
              [&](size_t index, config::node_options& opts) {
                be_quiet(index, opts);
                if (index != b)
                  opts.node.bootstrap.push_back(*config::parse_endpoint(
                    "memory://" + simulated_cluster::name_of(b)));
                if (tweak)
                  tweak(index, opts);
              },
              shape} {
    cluster.advance(10s);
    REQUIRE(peers_of(cluster, a).size() == 1);
    REQUIRE(peers_of(cluster, c).size() == 1);
    on_c = spawn_on<echo_actor>(cluster, b, c, "echo");
  }

  void hand_over() {
    auto on_b = spawn_on<echo_actor>(cluster, a, b, "echo", "keeper");
    auto keeper = cluster.ask<caf::strong_actor_ptr>(
      b, cluster.node(b).context().spawner(), find_spawned{"keeper"});
    REQUIRE(keeper);
    caf::anon_send(caf::actor_cast<echo_actor>(*keeper), caf::put_atom_v,
                   caf::actor_cast<caf::strong_actor_ptr>(on_c));
    cluster.run();
    auto given = cluster.ask<caf::strong_actor_ptr>(a, on_b, caf::get_atom_v);
    REQUIRE(given);
    at_a = caf::actor_cast<echo_actor>(*given);
    REQUIRE(at_a);
    CHECK(at_a.node() == cluster.system(c).sys().node());
  }

  uint64_t through_b() {
    auto bytes = uint64_t{0};
    for (const auto& peer : peers_of(cluster, b))
      bytes += peer.bytes_in + peer.bytes_out;
    return bytes;
  }
};

/// Stands before the router of a node, and notes what it is to carry.
void note_packets(simulated_cluster& cluster, size_t index,
                  std::string& carried) {
  const auto real = caf::actor_cast<packet_handler_actor>(
    cluster.node(index).context().router());
  auto trap = cluster.system(index).sys().spawn(
    [real, &carried](packet_handler_actor::pointer self)
      -> packet_handler_actor::behavior_type {
      return {[self, real, &carried](const mesh_packet& msg) {
        carried.append(reinterpret_cast<const char*>(msg.packet.data()),
                       msg.packet.size());
        self->send(real, msg);
      }};
    });
  cluster.node(index).context().router.set(caf::actor_cast<router_actor>(trap));
}

} // namespace

TEST_CASE("a handle that comes from a third node leads to its own session") {
  auto test = triangle{};
  auto& cluster = test.cluster;
  test.hand_over();
  const auto before = test.through_b();
  const auto text = std::string(1'000'000, 'x');
  auto answer = cluster.ask<std::string>(a, test.at_a, text);
  REQUIRE_MESSAGE(answer, to_string(answer.error()));
  CHECK(*answer == text);
  // A session of their own carried it; B saw gossip, and nothing of it.
  CHECK(peers_of(cluster, a).size() == 2);
  CHECK(peers_of(cluster, c).size() == 2);
  CHECK(test.through_b() - before < 100'000);
  // A monitor works on it as on any other.
  auto self = caf::scoped_actor{cluster.system(a).sys()};
  self->monitor(test.at_a);
  cluster.advance(100ms);
  caf::anon_send_exit(test.on_c, caf::exit_reason::user_shutdown);
  cluster.advance(1s);
  CHECK(downs(self).size() == 1);
}

TEST_CASE("a third node that only relays reach gets nothing in the clear") {
  auto carried = std::string{};
  auto test = triangle{
    [](size_t, config::node_options& opts) { opts.node.dial = "bootstrap"; }};
  auto& cluster = test.cluster;
  cluster.advance(30s);
  test.hand_over();
  note_packets(cluster, b, carried);
  auto text = std::string{};
  while (text.size() < 200'000)
    text += "known to A and C only, ";
  auto answer = cluster.ask<std::string>(a, test.at_a, text);
  REQUIRE_MESSAGE(answer, to_string(answer.error()));
  CHECK(*answer == text);
  // It went through B there and back, and B could read none of it.
  CHECK(carried.size() > 2 * text.size());
  CHECK(carried.find("known to A") == std::string::npos);
  const auto peers = peers_of(cluster, a);
  CHECK(std::count_if(peers.begin(), peers.end(),
                      [&](const auto& x) {
                        return x.relayed && x.id == cluster.node(c).id();
                      })
        == 1);
}

TEST_CASE("a third node that does not let us in gets nothing from us") {
  auto used = resources::usage{};
  auto test = triangle{{}, [&](size_t index, deploy::node_parts& parts) {
                         parts.options.limits.memory.bytes = 100'000'000;
                         if (index == c)
                           parts.sample = [&] { return used; };
                       }};
  auto& cluster = test.cluster;
  // Who is full takes nobody in, by whatever way.
  used.memory = 90'000'000;
  cluster.advance(2s);
  test.hand_over();
  const auto before = test.through_b();
  auto answer
    = cluster.ask<std::string>(a, test.at_a, std::string(1'000'000, 'x'));
  REQUIRE(!answer);
  CHECK(to_string(answer.error()).find("memory") != std::string::npos);
  // B would reach it, and is not asked to.
  CHECK(peers_of(cluster, b).size() == 2);
  CHECK(test.through_b() - before < 100'000);
}

TEST_SUITE_END();
