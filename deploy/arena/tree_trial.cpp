#include "deploy/arena/tree_trial.hpp"

#include "actors/adversary/lot.hpp"
#include "actors/tree/report_median.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

namespace starling::arena {

namespace {

/// Returns the nodes in the order in which the adversary wants them.
std::vector<size_t> wanted(const tree_trial_options& opts,
                           const std::vector<tree_node>& nodes,
                           const tree::committee_place& place) {
  auto index = std::unordered_map<peer_id, size_t>{};
  for (size_t i = 0; i < nodes.size(); ++i)
    index.emplace(nodes[i].id, i);
  auto order = std::vector<size_t>{};
  for (size_t i = 0; i < place.committees(); ++i) {
    const auto members = place.members_of(i);
    const auto taken
      = opts.how == seating::thirds ? (members.size() - 1) / 3 : members.size();
    for (const auto& id : members.first(taken))
      order.push_back(index.at(id));
  }
  if (opts.how == seating::random) {
    auto engine = std::mt19937_64{opts.seed};
    std::ranges::shuffle(order, engine);
  }
  return order;
}

} // namespace

std::string_view name_of(seating how) {
  switch (how) {
    case seating::random:
      return "random";
    case seating::thirds:
      return "thirds";
    case seating::top:
      return "top";
  }
  return "";
}

peer_id drawn_id(uint64_t seed, uint64_t index) {
  auto id = peer_id{};
  for (size_t i = 0; i < id.bytes.size(); ++i)
    id.bytes[i] = static_cast<uint8_t>(adversary::lot({seed, index, i / 8})
                                       >> (i % 8 * 8));
  return id;
}

result<tree_trial_result> run_tree_trial(const tree_trial_options& opts,
                                         const adversary::attack& lies) {
  auto engine = std::mt19937_64{adversary::lot({opts.seed, 7})};
  auto normal = std::normal_distribution{};
  auto nodes = std::vector<tree_node>{};
  auto ids = std::vector<peer_id>{};
  for (size_t i = 0; i < opts.nodes; ++i) {
    ids.push_back(drawn_id(opts.seed, i));
    nodes.push_back({ids.back(), {normal(engine)}, false});
  }
  const auto place = tree::committee_place::make(ids, opts.epoch.epoch,
                                                 opts.epoch.round.place);
  if (!place)
    return place.error();
  auto out = tree_trial_result{};
  const auto share = opts.liars * static_cast<double>(opts.nodes);
  for (auto i : wanted(opts, nodes, *place))
    if (out.liars < static_cast<size_t>(share)) {
      nodes[i].lies = true;
      ++out.liars;
    }
  auto honest = std::vector<double>{};
  for (const auto& node : nodes)
    if (!node.lies)
      honest.push_back(node.figures.front());
  if (honest.empty())
    return out;
  // What honest nodes would find among themselves: the error of a small sample
  // is nobody's lie.
  const auto truth = tree::median_figure(honest);
  const auto played = play_tree_epoch(nodes, lies, truth, 1.0, opts.epoch);
  if (!played)
    return played.error();
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].lies)
      continue;
    if (const auto& believed = played->believed[i]) {
      out.median_errors.push_back(std::abs(believed->median - truth));
      out.mean_errors.push_back(std::abs(believed->middle_mean - truth));
    } else {
      ++out.unheard;
    }
  }
  std::ranges::sort(out.median_errors);
  std::ranges::sort(out.mean_errors);
  const auto count = static_cast<double>(opts.nodes);
  out.messages = static_cast<double>(played->messages) / count;
  out.bytes = 8.0 * static_cast<double>(played->numbers) / count;
  return out;
}

} // namespace starling::arena
