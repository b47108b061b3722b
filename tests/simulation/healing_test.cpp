// Parts of a node that crash are replaced, and relays with real sessions: what
// goes wrong on the way comes back, and routers may fail at both ends.

#include "actors/router/routing_error.hpp"
#include "runtime/wire/packet_codec.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr auto crash = caf::exit_reason::kill;

using links = std::vector<link_actor>;

/// Stands before a transport and notes the links that it makes.
transport_actor::behavior_type
noting_transport(transport_actor::pointer self, const transport_actor& real,
                 const std::shared_ptr<links>& made) {
  return {
    [self, real](const link_listen& msg) { return self->delegate(real, msg); },
    [self, real, made](const link_dial& msg) -> caf::result<link_opened> {
      auto answer = self->make_response_promise<link_opened>();
      self->request(real, caf::infinite, msg)
        .then(
          [answer, made](const link_opened& found) mutable {
            made->push_back(found.link);
            answer.deliver(found);
          },
          [answer](caf::error& why) mutable {
            answer.deliver(std::move(why));
          });
      return answer;
    },
  };
}

/// Nodes 0 and 2 have a session with node 1 each, and know of each other.
void make_line(simulated_cluster& cluster) {
  REQUIRE(dial(cluster, 0, 1));
  REQUIRE(dial(cluster, 2, 1));
  cluster.advance(30s);
}

/// Spawns an actor on a node, by a session of whatever kind.
echo_actor spawn_far(simulated_cluster& cluster, size_t from, size_t to) {
  auto spawner = cluster.ask<caf::strong_actor_ptr>(
    from, cluster.node(from).context().mesh(),
    find_service{cluster.node(to).id(), "spawner"});
  REQUIRE_MESSAGE(spawner, to_string(spawner.error()));
  auto spawned = cluster.ask<caf::strong_actor_ptr>(
    from, caf::actor_cast<spawner_actor>(*spawner),
    spawn_request{"echo", "", {}, {}});
  REQUIRE_MESSAGE(spawned, to_string(spawned.error()));
  return caf::actor_cast<echo_actor>(*spawned);
}

bool has_relay(simulated_cluster& cluster, size_t from, size_t to) {
  for (const auto& peer : peers_of(cluster, from))
    if (peer.id == cluster.node(to).id())
      return peer.relayed;
  return false;
}

caf::byte_buffer bytes_of(const packet& x) {
  const auto bytes = wire::encode(x);
  const auto* first = reinterpret_cast<const caf::byte*>(bytes.data());
  return {first, first + bytes.size()};
}

/// Takes the place of a node's router and notes what comes in.
struct packet_trap {
  std::vector<packet> seen;

  void set(simulated_cluster& cluster, size_t index) {
    auto trap = cluster.system(index).sys().spawn(
      [this]() -> packet_handler_actor::behavior_type {
        return {[this](const mesh_packet& msg) {
          auto found
            = wire::decode({reinterpret_cast<const uint8_t*>(msg.packet.data()),
                            msg.packet.size()});
          if (found)
            seen.push_back(std::move(*found));
        }};
      });
    cluster.node(index).context().router.set(
      caf::actor_cast<router_actor>(trap));
  }
};

/// Sends a packet from node 0 by way of node 1; returns the error that comes
/// back.
router::routing_error error_for(simulated_cluster& cluster, packet_trap& trap,
                                const peer_id& to, uint8_t ttl) {
  auto x = packet{};
  x.id.bytes.fill(static_cast<uint8_t>(ttl + 1));
  x.source = cluster.node(0).id();
  x.destination = to;
  x.ttl = ttl;
  x.payload.assign(100, 7);
  caf::anon_send(cluster.node(0).context().mesh(),
                 send_packet{cluster.node(1).id(), bytes_of(x)});
  cluster.advance(1s);
  for (const auto& answer : trap.seen)
    if (answer.has(packet_flag::error)) {
      CHECK(answer.destination == x.source);
      auto found = router::decode_routing_error(answer.payload);
      REQUIRE(found);
      CHECK(found->packet == x.id);
      CHECK(found->destination == to);
      trap.seen.clear();
      return *found;
    }
  FAIL("no error came back");
  return {};
}

} // namespace

TEST_SUITE_BEGIN("simulation/healing");

TEST_CASE("a link that crashes is replaced, and the pair talks again") {
  auto made = std::make_shared<links>();
  auto cluster = simulated_cluster{
    2, 1, add_test_actors,
    [](size_t index, config::node_options& opts) {
      be_quiet(index, opts);
      know_the_first(index, opts);
    },
    [made](size_t index, deploy::node_parts& parts) {
      if (index == 1)
        parts.transports["memory"]
          = parts.transports["memory"]->home_system().spawn(
            noting_transport, parts.transports["memory"], made);
    }};
  cluster.advance(5s);
  REQUIRE(made->size() == 1);
  REQUIRE(peers_of(cluster, 0).size() == 1);
  auto remote = spawn_far(cluster, 1, 0);
  auto self = caf::scoped_actor{cluster.system(1).sys()};
  self->monitor(remote);
  caf::anon_send_exit(made->front(), crash);
  cluster.advance(100ms);
  // Who watches an actor there hears of it at once.
  CHECK(self->has_next_message());
  cluster.advance(5s);
  CHECK(made->size() == 2);
  CHECK(peers_of(cluster, 0).size() == 1);
  CHECK(peers_of(cluster, 1).size() == 1);
  const auto text = std::string{"back"};
  CHECK(cluster.ask<std::string>(1, spawn_far(cluster, 1, 0), text) == text);
}

TEST_CASE("nodes that may not dial each other talk through a third one") {
  auto cluster = simulated_cluster{3, 1, add_test_actors, be_relayed};
  make_line(cluster);
  auto remote = spawn_far(cluster, 0, 2);
  CHECK(has_relay(cluster, 0, 2));
  CHECK(has_relay(cluster, 2, 0));
  for (auto size : {size_t{0}, size_t{1}, size_t{100'000}, size_t{5'000'000}}) {
    const auto text = std::string(size, 'x');
    CHECK(cluster.ask<std::string>(0, remote, text) == text);
  }
  // Small messages add up to more than any window.
  const auto text = std::string(16'000, 'x');
  auto answers = 0;
  while (answers < 300 && cluster.ask<std::string>(0, remote, text) == text)
    ++answers;
  CHECK(answers == 300);
}

TEST_CASE("a router that crashes comes back, and relays are made anew") {
  for (auto index : {size_t{0}, size_t{1}, size_t{2}}) {
    CAPTURE(index);
    auto cluster = simulated_cluster{3, 1, add_test_actors, be_relayed};
    make_line(cluster);
    const auto text = std::string{"hello"};
    CHECK(cluster.ask<std::string>(0, spawn_far(cluster, 0, 2), text) == text);
    const auto before = cluster.node(index).context().router();
    caf::anon_send_exit(before, crash);
    cluster.advance(30s);
    CHECK(cluster.node(index).context().router() != before);
    CHECK(!audited(cluster, index, "role.restarted").empty());
    CHECK(cluster.ask<std::string>(0, spawn_far(cluster, 0, 2), text) == text);
    CHECK(has_relay(cluster, 0, 2));
  }
}

TEST_CASE("what can't be sent on comes back as an error") {
  // The cluster's actors use it until they end.
  auto trap = packet_trap{};
  auto cluster = simulated_cluster{3, 1, add_test_actors, be_relayed};
  trap.set(cluster, 0);
  make_line(cluster);
  const auto far = cluster.node(2).id();
  SUBCASE("a packet that has no hops left") {
    const auto error = error_for(cluster, trap, far, 0);
    CHECK(error.code == ec::ttl_exceeded);
    CHECK(error.at == cluster.node(1).id());
  }
  SUBCASE("a packet to a node that nobody knows") {
    auto nobody = peer_id{};
    nobody.bytes.fill(9);
    const auto error = error_for(cluster, trap, nobody, 32);
    CHECK(error.code == ec::unreachable);
    CHECK(error.at == cluster.node(1).id());
  }
  SUBCASE("a packet to a node that is gone") {
    cluster.network().cut("n1", "n2");
    cluster.advance(10s);
    CHECK(error_for(cluster, trap, far, 32).code == ec::unreachable);
  }
}

TEST_SUITE_END();
