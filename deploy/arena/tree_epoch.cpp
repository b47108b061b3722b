#include "deploy/arena/tree_epoch.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <unordered_map>
#include <utility>

namespace starling::arena {

namespace {

constexpr double ranks[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95};

/// What a node needs to remember of its round.
struct heard_figures {
  tree::summary_report own;
  tree::summary_report total;
  std::optional<tree::population_sketch> sample;
  size_t members = 0;
  /// What it hands down, unchecked.
  std::optional<tree::population_figures> raw;
};

/// One tree of one epoch, from the lowest committees up and down again.
class replica_run {
public:
  replica_run(std::span<const tree_node> nodes, const adversary::attack& lies,
              double middle, double spread, const tree_epoch_options& opts,
              std::shared_ptr<const tree::round_plan> plan)
    : nodes_{nodes},
      lies_{lies},
      middle_{middle},
      spread_{spread},
      opts_{opts},
      plan_{std::move(plan)},
      heard_(nodes.size()) {
    for (size_t i = 0; i < nodes.size(); ++i)
      index_.emplace(nodes[i].id, i);
  }

  result<void> play() {
    if (auto done = note_own(); !done)
      return done;
    for (auto i = plan_->place().committees(); i-- > 0;)
      if (auto done = gather(i); !done)
        return done;
    for (size_t i = 0; i < plan_->place().committees(); ++i)
      hand_down(i);
    return {};
  }

  [[nodiscard]] const heard_figures& of(size_t node) const {
    return heard_[node];
  }

  uint64_t messages = 0;
  uint64_t numbers = 0;

private:
  result<void> note_own() {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      auto own = tree::quantile_summary::make(opts_.round.summary);
      if (!own)
        return own.error();
      auto directions = tree::direction_sketch::make(opts_.round.directions);
      if (!directions)
        return directions.error();
      for (auto figure : nodes_[i].figures) {
        own->add(figure);
        directions->add(nodes_[i].deviation);
      }
      heard_[i].own = {own->encode(), directions->encode()};
    }
    return {};
  }

  /// Returns what one node tells another one, if anything.
  std::optional<tree::summary_report> said(size_t from, size_t to, bool is_own,
                                           double agents) {
    auto report = is_own ? heard_[from].own : heard_[from].total;
    auto& [values, weights] = report.levels;
    if (nodes_[from].lies) {
      const auto before = report.levels;
      const auto scene = adversary::summary_scene{
        opts_.epoch, from, to, is_own, agents, middle_, spread_};
      if (!lies_.change_summary(scene, values, weights))
        return std::nullopt;
      if (report.levels != before)
        lie_about(report.directions, agents);
    }
    if (values.empty())
      return std::nullopt;
    ++messages;
    numbers += 2 * values.size() + report.directions.rows.size() / 2;
    return report;
  }

  /// As many agents along the false direction as are let through.
  void lie_about(tree::direction_parts& directions, double agents) const {
    if (opts_.false_direction.empty())
      return;
    directions = {static_cast<uint32_t>(opts_.false_direction.size()),
                  opts_.false_direction};
    for (auto& x : directions.rows)
      x *= static_cast<float>(std::sqrt(agents));
  }

  result<void> gather(size_t committee) {
    const auto& place = plan_->place();
    for (const auto& id : place.members_of(committee)) {
      const auto self = index_.at(id);
      auto round = tree::summary_round::make(plan_, id, opts_.round);
      if (!round)
        return round.error();
      for (size_t k = 0; k < nodes_[self].figures.size(); ++k)
        if (auto done = round->add_agent(
              std::to_string(k), std::span{nodes_[self].figures}.subspan(k, 1),
              nodes_[self].deviation);
            !done)
          return done;
      hear(*round, self, round->fellows(), true);
      hear(*round, self, round->below(), false);
      heard_[self].sample = round->sample();
      heard_[self].members = round->fellows().size() + 1;
      heard_[self].total = round->total().encode();
      if (committee == 0 && !round->total().empty())
        heard_[self].raw = tree::figures_of(round->total(), ranks);
    }
    return {};
  }

  void hear(tree::summary_round& round, size_t self,
            const std::vector<peer_id>& from, bool is_own) {
    for (const auto& id : from) {
      const auto committee = *plan_->place().committee_of(id);
      const auto agents
        = is_own ? plan_->agents_of(id) : plan_->agents_below(committee);
      // What breaks the rules is as good as nothing.
      if (auto report
          = said(index_.at(id), self, is_own, static_cast<double>(agents)))
        static_cast<void>(round.add_report(id, *report));
    }
  }

  void hand_down(size_t committee) {
    const auto above = plan_->place().above(committee);
    if (!above)
      return;
    const auto members = plan_->place().members_of(*above);
    for (const auto& id : plan_->place().members_of(committee)) {
      const auto self = index_.at(id);
      auto answers = std::vector<tree::population_figures>{};
      for (const auto& member : members)
        if (auto answer = answered(index_.at(member), self))
          answers.push_back(std::move(*answer));
      if (answers.size() >= tree::quorum_of(members.size()))
        heard_[self].raw = tree::median_figures(answers);
    }
  }

  std::optional<tree::population_figures> answered(size_t from, size_t to) {
    auto answer = heard_[from].raw;
    if (nodes_[from].lies) {
      auto parts = tree::summary_parts{{middle_}, {1.0}};
      const auto all = static_cast<double>(plan_->agents_below(0));
      const auto before = parts;
      if (!lies_.change_summary(
            {opts_.epoch, from, to, false, all, middle_, spread_}, parts.values,
            parts.weights))
        return std::nullopt;
      if (parts != before) {
        answer = figures_of_parts(parts);
        if (answer)
          lie_about(answer->directions, 1.0);
      }
    }
    if (answer) {
      ++messages;
      numbers
        += 4 + answer->quantiles.size() + answer->directions.rows.size() / 2;
    }
    return answer;
  }

  std::optional<tree::population_figures>
  figures_of_parts(const tree::summary_parts& parts) const {
    const auto all = static_cast<double>(plan_->agents_below(0));
    const auto summary
      = tree::quantile_summary::decode(parts, all, opts_.round.summary);
    if (!summary || summary->empty())
      return std::nullopt;
    return tree::figures_of(*summary, ranks);
  }

  std::span<const tree_node> nodes_;
  const adversary::attack& lies_;
  double middle_;
  double spread_;
  const tree_epoch_options& opts_;
  std::shared_ptr<const tree::round_plan> plan_;
  std::vector<heard_figures> heard_;
  std::unordered_map<peer_id, size_t> index_;
};

} // namespace

result<tree_epoch_result>
play_tree_epoch(std::span<const tree_node> nodes, const adversary::attack& lies,
                double middle, double spread, const tree_epoch_options& opts) {
  auto members = std::vector<tree::round_member>{};
  for (const auto& node : nodes)
    members.push_back({node.id, static_cast<uint32_t>(node.figures.size())});
  auto out = tree_epoch_result{};
  auto runs = std::vector<replica_run>{};
  for (uint32_t replica = 0; replica < opts.replicas; ++replica) {
    auto place = opts.round.place;
    place.replica = replica;
    auto plan = tree::round_plan::make(members, opts.epoch, place);
    if (!plan)
      return plan.error();
    runs.emplace_back(nodes, lies, middle, spread, opts,
                      std::make_shared<tree::round_plan>(std::move(*plan)));
    if (auto done = runs.back().play(); !done)
      return done.error();
    out.messages += runs.back().messages;
    out.numbers += runs.back().numbers;
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    auto answers = std::vector<tree::population_figures>{};
    for (const auto& run : runs)
      if (run.of(i).raw)
        answers.push_back(*run.of(i).raw);
    auto& believed = out.believed.emplace_back();
    if (answers.empty())
      continue;
    believed = tree::median_figures(answers);
    const auto& first = runs.front().of(i);
    if (opts.deviations && first.sample)
      believed = tree::checked(std::move(*believed), *first.sample,
                               first.members, *opts.deviations, ranks);
  }
  return out;
}

} // namespace starling::arena
