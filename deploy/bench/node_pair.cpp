#include "deploy/bench/node_pair.hpp"

#include "deploy/bench/bench_node.hpp"
#include "deploy/bench/measured_pair.hpp"

#include <botan/auto_rng.h>
#include <unistd.h>

#include <utility>

namespace starling::deploy {

namespace {

constexpr auto who = "starling";
constexpr auto patience = std::chrono::seconds{30};

bench_node::key_ptr fresh_key() {
  auto rng = Botan::AutoSeeded_RNG{};
  return std::make_shared<const identity::private_key>(
    identity::private_key::generate(rng));
}

/// The other end of a pair: listens until it is killed.
void serve(const bench_node::key_ptr& key, const peer_id& other,
           const bench_plan& plan, const child_process::say_fun& say) {
  auto made = bench_node{key, {other}, plan, true};
  if (!made.address()) {
    figure_sink{say}.fail(to_string(made.address().error()));
    return;
  }
  say(*made.address() + '\n');
  ::pause();
}

/// Runs `measure(node, address, id of the other node, sink)` beside a node that
/// serves.
template <class Fun>
result<std::vector<figure>>
with_two_nodes(const bench_plan& plan, Fun measure) {
  const auto server = fresh_key();
  const auto client = fresh_key();
  return measure_pair(
    [&](const auto& say) { serve(server, client->id(), plan, say); },
    [&](const std::string& address, const figure_sink& sink) {
      auto node = bench_node{client, {server->id()}, plan, false};
      measure(node, address, server->id(), sink);
    },
    plan.patience);
}

caf::expected<std::vector<figure>> messages(bench_node& node,
                                            const spawner_actor& spawner,
                                            const bench_plan& plan) {
  auto server = node.spawn_first(spawner);
  if (!server)
    return std::move(server.error());
  return measure_messages(node.system(), *server, plan, who);
}

caf::expected<std::vector<figure>> remote_spawns(bench_node& node,
                                                 const spawner_actor& spawner,
                                                 const bench_plan& plan) {
  if (auto first = node.spawn_first(spawner); !first)
    return std::move(first.error());
  auto self = caf::scoped_actor{node.system()};
  auto samples = std::vector<uint64_t>{};
  auto kept = std::vector<bench_actor>{};
  const auto warm_up = plan.remote_spawns / 10;
  auto spent = uint64_t{0};
  for (auto i = size_t{0}; i < warm_up + plan.remote_spawns; ++i) {
    const auto began = now_ns();
    auto spawned = node.spawn(spawner);
    if (!spawned)
      return std::move(spawned.error());
    auto failed = caf::error{};
    self->request(*spawned, patience, std::string{"first"})
      .receive([](const std::string&) {},
               [&](caf::error& reason) { failed = std::move(reason); });
    if (failed)
      return failed;
    kept.push_back(std::move(*spawned));
    if (i >= warm_up) {
      samples.push_back(now_ns() - began);
      spent += samples.back();
    }
  }
  auto result = rate_figures("remote spawn and first reply", who, 0,
                             samples.size(), spent);
  for (auto& x : latency_figures("remote spawn and first reply", who, 0,
                                 std::move(samples)))
    result.push_back(std::move(x));
  return result;
}

/// Ends the session and waits until it has ended: before, the mesh would answer
/// that it stands, without a handshake.
caf::error disconnect(caf::scoped_actor& self, bench_node& node,
                      const peer_id& other) {
  const auto mesh = node.get().context().mesh();
  auto failed = caf::error{};
  const auto fail = [&](caf::error& reason) { failed = std::move(reason); };
  self->request(mesh, patience, disconnect_peer{other, "measured"})
    .receive([] {}, fail);
  auto open = true;
  while (open && !failed)
    self->request(mesh, patience, list_peers{})
      .receive(
        [&](const std::vector<peer_status>& peers) { open = !peers.empty(); },
        fail);
  return failed;
}

/// What the nodes still had to tell each other when a session ended opens
/// another one, which may cross the one that is measured: of two that the same
/// node dials one is refused. So many are left out before it is an error.
constexpr size_t crossed_max = 10;

caf::expected<std::vector<figure>>
handshakes(bench_node& node, const std::string& address, const peer_id& other,
           const bench_plan& plan) {
  auto self = caf::scoped_actor{node.system()};
  auto samples = std::vector<uint64_t>{};
  auto spent = uint64_t{0};
  auto crossed = size_t{0};
  while (samples.size() < plan.handshakes) {
    const auto began = now_ns();
    auto spawner = node.connect(address, other);
    if (!spawner) {
      if (++crossed > crossed_max)
        return std::move(spawner.error());
      static_cast<void>(disconnect(self, node, other));
      continue;
    }
    samples.push_back(now_ns() - began);
    spent += samples.back();
    if (auto failed = disconnect(self, node, other))
      return failed;
  }
  auto result
    = rate_figures("handshakes over TCP", who, 0, samples.size(), spent);
  for (auto& x :
       latency_figures("handshake over TCP", who, 0, std::move(samples)))
    result.push_back(std::move(x));
  return result;
}

caf::expected<std::vector<figure>> local_spawns(bench_node& node,
                                                const bench_plan& plan) {
  auto result = std::vector<figure>{};
  auto kept = std::vector<bench_actor>{};
  auto began = now_ns();
  for (auto i = size_t{0}; i < plan.local_spawns; ++i)
    kept.push_back(node.system().spawn(bench_actor_behavior));
  for (auto& x : rate_figures("local spawns", "plain CAF", 0, kept.size(),
                              now_ns() - began))
    result.push_back(std::move(x));
  kept.clear();
  auto self = caf::scoped_actor{node.system()};
  auto spawned = size_t{0};
  auto failed = caf::error{};
  const auto spawner = node.get().context().spawner();
  began = now_ns();
  for (auto i = size_t{0}; i < plan.local_spawns; ++i)
    self->send(spawner, spawn_request{"bench", "", {}, {}});
  // Answers to plain messages come as messages.
  self->receive_while([&] { return spawned < plan.local_spawns && !failed; })(
    [&](const caf::strong_actor_ptr& x) {
      kept.push_back(caf::actor_cast<bench_actor>(x));
      ++spawned;
    },
    [&](caf::error& reason) { failed = std::move(reason); });
  if (failed)
    return failed;
  for (auto& x :
       rate_figures("local spawns", who, 0, spawned, now_ns() - began))
    result.push_back(std::move(x));
  return result;
}

void report(const caf::expected<std::vector<figure>>& found,
            const figure_sink& sink) {
  if (found)
    sink(*found);
  else
    sink.fail(to_string(found.error()));
}

} // namespace

result<std::vector<figure>> measure_node_messages(const bench_plan& plan) {
  return with_two_nodes(plan, [&plan](bench_node& node, const auto& address,
                                      const peer_id& other, const auto& sink) {
    auto spawner = node.connect(address, other);
    if (spawner)
      report(messages(node, *spawner, plan), sink);
    else
      sink.fail(to_string(spawner.error()));
  });
}

result<std::vector<figure>> measure_node_spawns(const bench_plan& plan) {
  return with_two_nodes(plan, [&plan](bench_node& node, const auto& address,
                                      const peer_id& other, const auto& sink) {
    auto spawner = node.connect(address, other);
    if (spawner)
      report(remote_spawns(node, *spawner, plan), sink);
    else
      sink.fail(to_string(spawner.error()));
  });
}

result<std::vector<figure>> measure_node_handshakes(const bench_plan& plan) {
  return with_two_nodes(plan, [&plan](bench_node& node, const auto& address,
                                      const peer_id& other, const auto& sink) {
    report(handshakes(node, address, other, plan), sink);
  });
}

result<std::vector<figure>> measure_local_spawns(const bench_plan& plan) {
  const auto key = fresh_key();
  return measure_alone(
    [&](const figure_sink& sink) {
      auto node = bench_node{key, {}, plan, false};
      report(local_spawns(node, plan), sink);
    },
    plan.patience);
}

} // namespace starling::deploy
