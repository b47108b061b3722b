#include "deploy/bench/bench_node.hpp"

#include "actors/link/tcp_transport.hpp"
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

/// Longer than any step of a measurement takes.
constexpr auto patience = std::chrono::seconds{30};

node_parts parts_of(caf::actor_system& system, bench_node::key_ptr key,
                    std::vector<peer_id> others, bool listens) {
  auto result = node_parts{};
  if (listens)
    result.options.node.listen.push_back(
      *config::parse_endpoint("tcp://127.0.0.1:0"));
  result.options.security.allow = std::move(others);
  // What the program can do is measured, not what it is told to keep to.
  result.options.limits.bandwidth = {0};
  // Only what is measured is dialled.
  result.options.node.dial = "demand";
  result.options.spawn_rules.push_back({std::nullopt, {"bench"}, 1'000'000});
  result.state.key = std::move(key);
  result.rng = std::make_shared<Botan::AutoSeeded_RNG>();
  result.persistent = false;
  result.wall_clock = [] { return std::chrono::system_clock::now(); };
  using impl = transport_actor::stateful_impl<link::tcp_transport_state>;
  result.transports["tcp"] = system.spawn<impl>(link::tcp_options{});
  return result;
}

} // namespace

bench_node::bench_node(key_ptr key, std::vector<peer_id> others,
                       const bench_plan& plan, bool listens)
  : config_{basp::node_name(key->id(), 1), plan.threads, packet_max},
    system_{config_} {
  // The name is ours, so nothing can go wrong.
  [[maybe_unused]] auto added = catalog_->add<bench_actor>(
    "bench", "answers and counts; takes no options",
    [](node_context& context,
       const caf::settings&) -> caf::expected<bench_actor> {
      return context.system->spawn(bench_actor_behavior);
    });
  start(std::move(key), std::move(others), listens);
}

bench_node::~bench_node() {
  self_.reset();
  if (node_)
    node_->stop();
}

void bench_node::start(key_ptr key, std::vector<peer_id> others, bool listens) {
  auto parts = parts_of(system_, std::move(key), std::move(others), listens);
  parts.catalog = catalog_;
  node_ = std::make_unique<node>(system_, std::move(parts));
  auto listening = std::promise<caf::expected<std::vector<std::string>>>{};
  node_->start([&listening](caf::expected<std::vector<std::string>> found) {
    listening.set_value(std::move(found));
  });
  auto found = listening.get_future().get();
  if (!found)
    address_ = std::move(found.error());
  else if (!found->empty())
    address_ = found->front();
  self_.emplace(system_);
}

template <class Request>
caf::expected<spawner_actor> bench_node::ask_mesh(Request request) {
  auto result = caf::expected<spawner_actor>{
    caf::make_error(ec::unknown_name, "the other node offers no spawner")};
  (*self_)
    ->request(node_->context().mesh(), patience, std::move(request))
    .receive(
      [&](const peer_services& peer) {
        for (const auto& service : peer.services)
          if (service.name == "spawner")
            result = caf::actor_cast<spawner_actor>(service.actor);
      },
      [&](caf::error& reason) { result = std::move(reason); });
  return result;
}

caf::expected<spawner_actor> bench_node::connect(const std::string& address,
                                                 const peer_id& other) {
  return ask_mesh(connect_address{address, {other}});
}

caf::expected<spawner_actor>
bench_node::connect_by_relay(const peer_id& other) {
  // News of nodes and links take a few rounds of gossip.
  constexpr auto attempts_max = 100;
  auto result = ask_mesh(connect_peer{other});
  for (auto i = 1; i < attempts_max && !result; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    result = ask_mesh(connect_peer{other});
  }
  return result;
}

caf::expected<bench_actor> bench_node::spawn(const spawner_actor& where) {
  auto result = caf::expected<bench_actor>{caf::error{}};
  (*self_)
    ->request(
      where, patience,
      spawn_request{"bench", "", {}, system_.message_types<bench_actor>()})
    .receive(
      [&](const caf::strong_actor_ptr& spawned) {
        result = caf::actor_cast<bench_actor>(spawned);
      },
      [&](caf::error& reason) { result = std::move(reason); });
  return result;
}

caf::expected<bench_actor> bench_node::spawn_first(const spawner_actor& where) {
  constexpr auto attempts_max = 10;
  auto result = spawn(where);
  for (auto i = 1;
       i < attempts_max && !result && result.error() == ec::unknown_peer; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    result = spawn(where);
  }
  return result;
}

} // namespace starling::deploy
