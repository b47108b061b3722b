// A node on the way that misuses its place.

#include "runtime/wire/packet_codec.hpp"
#include "tests/simulation/cluster_actors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <cstdint>
#include <string>

using namespace starling;
using namespace starling::test;
using namespace std::chrono_literals;

namespace {

constexpr size_t near_end = 0;
constexpr size_t liar = 1;
constexpr size_t far_end = 2;
constexpr size_t impostor = 3;

/// Gives what is meant for one node to another one, and the answers back under
/// the name of the first.
struct switch_board {
  peer_id near;
  peer_id far;
  peer_id other;
  uint64_t switched = 0;

  caf::byte_buffer pass(const caf::byte_buffer& bytes) {
    auto found = wire::decode(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    if (!found)
      return bytes;
    if (found->source == near && found->destination == far)
      found->destination = other;
    else if (found->source == other && found->destination == near)
      found->source = far;
    else
      return bytes;
    ++switched;
    const auto result = wire::encode(*found);
    const auto* first = reinterpret_cast<const caf::byte*>(result.data());
    return {first, first + result.size()};
  }
};

} // namespace

TEST_SUITE_BEGIN("simulation/relay");

TEST_CASE("a relay that leads to another node than was asked is found out") {
  auto board = switch_board{};
  auto cluster = simulated_cluster{4, 1, add_test_actors, be_relayed};
  for (size_t end : {near_end, far_end, impostor})
    REQUIRE(dial(cluster, end, liar));
  cluster.advance(30s);
  board.near = cluster.node(near_end).id();
  board.far = cluster.node(far_end).id();
  board.other = cluster.node(impostor).id();
  const auto real = cluster.node(liar).context().router();
  cluster.node(liar).context().router.set(
    caf::actor_cast<router_actor>(cluster.system(liar).sys().spawn(
      [&board, real](packet_handler_actor::pointer self)
        -> packet_handler_actor::behavior_type {
        return {[&board, real, self](const mesh_packet& msg) {
          self->send(real, mesh_packet{msg.from, board.pass(msg.packet)});
        }};
      })));
  auto peer = cluster.ask<peer_services>(
    near_end, cluster.node(near_end).context().mesh(), connect_peer{board.far});
  // It did reach a node that is a member like any other.
  CHECK(board.switched > 2);
  REQUIRE(!peer);
  CHECK(peer.error() == ec::authentication_failed);
  CHECK(to_string(peer.error()).find(to_string(board.far))
        != std::string::npos);
  for (size_t end : {near_end, impostor}) {
    CHECK(peers_of(cluster, end).size() == 1);
    const auto noted = audited(cluster, end, "session.refused");
    REQUIRE(!noted.empty());
    CHECK(noted.back().details.at("reason").find("authentication_failed")
          != std::string::npos);
  }
}

TEST_SUITE_END();
