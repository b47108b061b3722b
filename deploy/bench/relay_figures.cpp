#include "deploy/bench/relay_figures.hpp"

#include "deploy/bench/bench_node.hpp"
#include "deploy/bench/measured_pair.hpp"

#include <botan/auto_rng.h>
#include <unistd.h>

#include <array>
#include <iterator>
#include <string>
#include <utility>

namespace starling::deploy {

namespace {

constexpr auto who = "starling";

/// Of the node that measures, the one in the middle and the far one.
using three_keys = std::array<bench_node::key_ptr, 3>;

three_keys fresh_keys() {
  auto rng = Botan::AutoSeeded_RNG{};
  auto result = three_keys{};
  for (auto& key : result)
    key = std::make_shared<const identity::private_key>(
      identity::private_key::generate(rng));
  return result;
}

std::vector<peer_id> ids_of(const three_keys& keys) {
  return {keys[0]->id(), keys[1]->id(), keys[2]->id()};
}

void serve_middle(const three_keys& keys, const bench_plan& plan,
                  const child_process::say_fun& say) {
  auto node = bench_node{keys[1], ids_of(keys), plan, true};
  if (!node.address()) {
    figure_sink{say}.fail(to_string(node.address().error()));
    return;
  }
  say(*node.address() + '\n');
  ::pause();
}

void serve_far(const three_keys& keys, const bench_plan& plan,
               const std::string& address, const child_process::say_fun& say) {
  auto node = bench_node{keys[2], ids_of(keys), plan, false};
  if (auto connected = node.connect(address, keys[1]->id()); !connected) {
    figure_sink{say}.fail(to_string(connected.error()));
    return;
  }
  say("ready\n");
  ::pause();
}

caf::expected<std::vector<figure>>
round_trips(bench_node& node, const caf::expected<spawner_actor>& spawner,
            const bench_plan& plan, const std::string& what) {
  if (!spawner)
    return spawner.error();
  auto server = node.spawn_first(*spawner);
  if (!server)
    return std::move(server.error());
  auto result = std::vector<figure>{};
  for (const auto& size : plan.sizes) {
    auto found
      = measure_round_trips(node.system(), *server, plan, size, what, who);
    if (!found)
      return std::move(found.error());
    std::move(found->begin(), found->end(), std::back_inserter(result));
  }
  return result;
}

/// What the hop adds to the medians.
std::vector<figure> differences(const std::vector<figure>& direct,
                                const std::vector<figure>& relayed) {
  auto result = std::vector<figure>{};
  for (auto i = size_t{0}; i < direct.size() && i < relayed.size(); ++i)
    if (direct[i].name.ends_with(" p50"))
      result.push_back({"relay, added by a hop, p50", who, direct[i].payload,
                        "us", relayed[i].value - direct[i].value,
                        std::nullopt});
  return result;
}

void measure(const three_keys& keys, const bench_plan& plan,
             const std::string& address, const figure_sink& sink) {
  auto node = bench_node{keys[0], ids_of(keys), plan, false};
  auto direct = round_trips(node, node.connect(address, keys[1]->id()), plan,
                            "relay, neighbour, round-trip");
  if (!direct) {
    sink.fail(to_string(direct.error()));
    return;
  }
  auto relayed = round_trips(node, node.connect_by_relay(keys[2]->id()), plan,
                             "relay, one hop, round-trip");
  if (!relayed) {
    sink.fail(to_string(relayed.error()));
    return;
  }
  auto result = differences(*direct, *relayed);
  result.insert(result.begin(), relayed->begin(), relayed->end());
  result.insert(result.begin(), direct->begin(), direct->end());
  sink(result);
}

} // namespace

result<std::vector<figure>> measure_relay(const bench_plan& plan) {
  const auto keys = fresh_keys();
  auto middle = child_process::start(
    [&](const auto& say) { serve_middle(keys, plan, say); });
  if (!middle)
    return middle.error();
  const auto deadline = std::chrono::steady_clock::now() + plan.patience;
  auto address = middle->next_line(deadline);
  if (!address)
    return address.error();
  return measure_pair(
    [&](const auto& say) { serve_far(keys, plan, *address, say); },
    [&](const std::string&, const figure_sink& sink) {
      measure(keys, plan, *address, sink);
    },
    plan.patience);
}

} // namespace starling::deploy
