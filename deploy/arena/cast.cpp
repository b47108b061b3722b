#include "actors/adversary/lot.hpp"
#include "deploy/arena/duel.hpp"

#include <algorithm>
#include <numeric>

namespace starling::arena {

namespace {

using adversary::lot;

/// Returns 0 to `size` - 1 by lot.
std::vector<size_t> drawn(size_t size, uint64_t seed, uint64_t what) {
  auto order = std::vector<size_t>(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, std::ranges::less{},
                    [&](size_t i) { return lot({seed, what, i}); });
  return order;
}

/// Nobody is a witness of its own agents.
std::vector<size_t> seats_of(const arena_options& opts, size_t agent,
                             uint64_t seed) {
  auto order = drawn(opts.nodes, lot({seed, 3}), agent);
  std::erase(order, host_of(opts, agent));
  order.resize(std::min(order.size(), opts.witnesses));
  return order;
}

} // namespace

result<cast> make_cast(const arena_options& opts, uint64_t seed) {
  auto out = cast{};
  out.seed = seed;
  if (opts.data.empty()) {
    out.behaviours = make_behaviour(opts, seed);
  } else {
    auto loaded = load_behaviour(opts, seed);
    if (!loaded)
      return loaded.error();
    out.behaviours = std::move(*loaded);
  }
  out.corrupted = drawn(opts.nodes, lot({seed, 1}), 0);
  for (size_t agent = 0; agent < opts.agents; ++agent) {
    const auto& own = out.behaviours[agent];
    auto stream = watch(opts, agent, own, own, nullptr);
    if (!stream)
      return stream.error();
    out.honest.push_back(std::move(*stream));
    out.seats.push_back(seats_of(opts, agent, seed));
  }
  return out;
}

result<std::vector<watched_stream>>
make_liars(const arena_options& opts, const cast& who,
           const adversary::attack& attack, size_t liar_nodes) {
  auto lies = std::vector<bool>(opts.nodes);
  for (size_t i = 0; i < liar_nodes; ++i)
    lies[who.corrupted[i]] = true;
  auto out = std::vector<watched_stream>(opts.agents);
  for (size_t agent = 0; agent < opts.agents; ++agent) {
    if (!lies[host_of(opts, agent)])
      continue;
    const auto& own = who.behaviours[agent];
    // An honest agent of its kind, if there is one.
    auto model = agent;
    for (size_t i = 1; i < opts.agents && model == agent; ++i)
      if (const auto other = (agent + i) % opts.agents;
          who.behaviours[other].kind == own.kind && !lies[host_of(opts, other)])
        model = other;
    auto stream = watch(opts, agent, own, who.behaviours[model], &attack);
    if (!stream)
      return stream.error();
    out[agent] = std::move(*stream);
  }
  return out;
}

} // namespace starling::arena
