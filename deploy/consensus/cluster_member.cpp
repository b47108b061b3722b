#include "deploy/consensus/cluster_member.hpp"

#include "actors/link/tcp_transport.hpp"
#include "deploy/control/ask.hpp"
#include "messages/mesh.hpp"
#include "runtime/basp/node_name.hpp"

#include <botan/auto_rng.h>
#include <caf/actor_cast.hpp>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace starling::deploy {

namespace {

constexpr uint64_t packet_max = 10'000'000;
constexpr uint32_t spawns_max = 10'000;

/// Longer than any step takes.
constexpr auto patience = std::chrono::seconds{30};

node_parts parts_of(caf::actor_system& system, cluster_member::key_ptr key,
                    std::vector<peer_id> others,
                    std::shared_ptr<const actor_catalog> catalog,
                    bool listens) {
  auto result = node_parts{};
  if (listens)
    result.options.node.listen.push_back(
      *config::parse_endpoint("tcp://127.0.0.1:0"));
  result.options.security.allow = std::move(others);
  result.options.node.dial = "demand";
  result.options.spawn_rules.push_back(
    {std::nullopt, catalog->names(), spawns_max});
  result.state.key = std::move(key);
  result.rng = std::make_shared<Botan::AutoSeeded_RNG>();
  result.catalog = std::move(catalog);
  result.persistent = false;
  result.wall_clock = [] { return std::chrono::system_clock::now(); };
  using impl = transport_actor::stateful_impl<link::tcp_transport_state>;
  result.transports["tcp"] = system.spawn<impl>(link::tcp_options{});
  return result;
}

} // namespace

cluster_member::cluster_member(key_ptr key, std::vector<peer_id> others,
                               std::shared_ptr<const actor_catalog> catalog,
                               bool listens)
  : config_{basp::node_name(key->id(), 1), 1, packet_max},
    system_{config_} {
  node_ = std::make_unique<node>(
    system_, parts_of(system_, std::move(key), std::move(others),
                      std::move(catalog), listens));
  using addresses = caf::expected<std::vector<std::string>>;
  auto listening = std::promise<addresses>{};
  node_->start(
    [&listening](addresses found) { listening.set_value(std::move(found)); });
  auto found = listening.get_future().get();
  if (!found)
    address_ = control::to_failure(found.error());
  else if (!found->empty())
    address_ = found->front();
}

cluster_member::~cluster_member() {
  node_->stop();
}

result<caf::strong_actor_ptr>
cluster_member::spawn_at(const std::string& address, const peer_id& other,
                         const std::string& type) {
  auto peer = control::ask<peer_services>(system_, context().mesh(), patience,
                                          connect_address{address, {other}});
  if (!peer)
    return peer.error();
  auto spawner = spawner_actor{};
  for (const auto& service : peer->services)
    if (service.name == "spawner")
      spawner = caf::actor_cast<spawner_actor>(service.actor);
  // The other node may not know yet whose session the request came by.
  constexpr auto attempts_max = 50;
  for (auto i = 1;; ++i) {
    auto made = control::ask<caf::strong_actor_ptr>(
      system_, spawner, patience, spawn_request{type, "", {}, {}});
    if (made || made.error().code != ec::unknown_peer || i == attempts_max)
      return made;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

uint64_t cluster_member::bytes_sent() {
  auto peers = control::ask<std::vector<peer_status>>(system_, context().mesh(),
                                                      patience, list_peers{});
  auto result = uint64_t{0};
  if (peers)
    for (const auto& peer : *peers)
      result += peer.bytes_out;
  return result;
}

} // namespace starling::deploy
