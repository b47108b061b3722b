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

constexpr size_t features = 8;

/// What only liars say that agents do.
constexpr size_t false_feature = 1;

std::vector<float> along(size_t feature) {
  auto result = std::vector<float>(features);
  result[feature] = 1.0F;
  return result;
}

/// Half of the agents move along the first feature, more or less, and one in
/// ten in a way of its own.
std::vector<float> drawn_deviation(std::mt19937_64& engine) {
  const auto fate = engine() % 10;
  if (fate > 5)
    return {};
  auto normal = std::normal_distribution<float>{0.0F, fate == 5 ? 1.0F : 0.1F};
  auto result = fate == 5 ? std::vector<float>(features) : along(0);
  for (auto& x : result)
    x += normal(engine);
  return result;
}

/// The share of all agents that is believed to move along a feature.
double share_along(const tree::direction_parts& directions, size_t feature) {
  auto sum = 0.0F;
  for (auto i = feature; i < directions.rows.size(); i += directions.features)
    sum += directions.rows[i] * directions.rows[i];
  return static_cast<double>(sum);
}

/// The share of all agents that honest ones make up which move along a feature.
double true_share(const std::vector<tree_node>& nodes, size_t feature) {
  auto sum = 0.0;
  for (const auto& node : nodes) {
    auto squares = 0.0;
    for (auto x : node.deviation)
      squares += static_cast<double>(x) * static_cast<double>(x);
    if (!node.lies && squares > 0.0)
      sum += std::pow(static_cast<double>(node.deviation[feature]), 2)
             / std::max(squares, 1.0);
  }
  return sum / static_cast<double>(nodes.size());
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
  // Apart, so that figures follow from the seed as they always have.
  auto deviations = std::mt19937_64{adversary::lot({opts.seed, 8})};
  auto nodes = std::vector<tree_node>{};
  auto ids = std::vector<peer_id>{};
  for (size_t i = 0; i < opts.nodes; ++i) {
    ids.push_back(drawn_id(opts.seed, i));
    nodes.push_back(
      {ids.back(), {normal(engine)}, false, drawn_deviation(deviations)});
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
  const auto common = true_share(nodes, 0);
  auto epoch = opts.epoch;
  epoch.false_direction = along(false_feature);
  const auto played = play_tree_epoch(nodes, lies, truth, 1.0, epoch);
  if (!played)
    return played.error();
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].lies)
      continue;
    if (const auto& believed = played->believed[i]) {
      out.median_errors.push_back(std::abs(believed->median - truth));
      out.mean_errors.push_back(std::abs(believed->middle_mean - truth));
      out.common_errors.push_back(
        std::abs(share_along(believed->directions, 0) - common));
      out.false_shares.push_back(
        share_along(believed->directions, false_feature));
    } else {
      ++out.unheard;
    }
  }
  std::ranges::sort(out.median_errors);
  std::ranges::sort(out.mean_errors);
  std::ranges::sort(out.common_errors);
  std::ranges::sort(out.false_shares);
  const auto count = static_cast<double>(opts.nodes);
  out.messages = static_cast<double>(played->messages) / count;
  out.bytes = 8.0 * static_cast<double>(played->numbers) / count;
  return out;
}

} // namespace starling::arena
