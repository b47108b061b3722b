#include "actors/tree/summary_round.hpp"

#include "actors/tree/report_median.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::tree {

result<summary_round>
summary_round::make(std::shared_ptr<const round_plan> plan, const peer_id& self,
                    const options& opts) {
  const auto committee = plan->place().committee_of(self);
  if (!committee)
    return failure{ec::invalid_option,
                   fmt::format("tree: node {} is not among the {} members",
                               short_name(self), plan->place().members())};
  const auto levels = quantile_summary::make(opts.summary);
  if (!levels)
    return levels.error();
  const auto directions = direction_sketch::make(opts.directions);
  if (!directions)
    return directions.error();
  auto made = summary_round{
    std::move(plan), self, *committee, opts, {*levels, *directions}};
  const auto& place = made.plan_->place();
  for (const auto& member : place.members_of(*committee))
    if (member != self) {
      made.fellows_.push_back(member);
      made.parts_due_ += made.plan_->agents_of(member) > 0 ? 1 : 0;
    }
  for (auto each : place.below(*committee)) {
    const auto members = place.members_of(each);
    made.parts_due_ += made.plan_->agents_below(each) > 0 ? members.size() : 0;
    made.below_.insert(made.below_.end(), members.begin(), members.end());
  }
  return made;
}

summary_round::summary_round(std::shared_ptr<const round_plan> plan,
                             const peer_id& self, size_t committee,
                             const options& opts,
                             const population_sketch& empty)
  : plan_{std::move(plan)},
    self_{self},
    committee_{committee},
    opts_{opts},
    empty_{empty},
    own_{empty} {
  // nop
}

result<void> summary_round::add_agent(const std::string& subject,
                                      std::span<const double> levels,
                                      std::span<const float> deviation) {
  if (levels.size() > opts_.levels_max)
    return failure{ec::limit_reached,
                   fmt::format("tree: {} levels of '{}', at most {} "
                               "(levels_max)",
                               levels.size(), subject, opts_.levels_max)};
  if (levels.empty() || !agents_heard_.insert(subject).second)
    return {};
  // Apart first: the whole takes the agent in with weight 1.
  auto agent = empty_.levels;
  const auto weight = 1.0 / static_cast<double>(levels.size());
  for (auto level : levels)
    agent.add(level, weight);
  own_.levels.merge(agent);
  own_.directions.add(deviation);
  return {};
}

result<void> summary_round::add_report(const peer_id& from,
                                       const summary_report& said) {
  const auto committee = plan_->place().committee_of(from);
  const auto is_fellow = committee == committee_;
  if (!committee || (!is_fellow && !is_below(*committee)))
    return failure{ec::permission_denied,
                   fmt::format("tree: node {} does not report to this one in "
                               "this epoch",
                               short_name(from))};
  const auto agents
    = is_fellow ? plan_->agents_of(from) : plan_->agents_below(*committee);
  const auto sketch = decode(said, static_cast<double>(agents));
  if (!sketch)
    return sketch.error();
  const auto is_new = is_fellow
                        ? fellows_heard_.try_emplace(from, *sketch).second
                        : reports_[*committee].try_emplace(from, said).second;
  if (is_new && agents > 0)
    --parts_due_;
  return {};
}

result<population_sketch> summary_round::decode(const summary_report& said,
                                                double agents_max) const {
  auto levels
    = quantile_summary::decode(said.levels, agents_max, opts_.summary);
  if (!levels)
    return levels.error();
  auto directions
    = direction_sketch::decode(said.directions, agents_max, opts_.directions);
  if (!directions)
    return directions.error();
  return population_sketch{std::move(*levels), std::move(*directions)};
}

population_sketch summary_round::sample() const {
  auto result = empty_;
  const auto after = fellows_heard_.lower_bound(self_);
  for (auto at = fellows_heard_.begin(); at != after; ++at)
    result.merge(at->second);
  // Its fellows don't know it any better than that.
  result.merge(own_.as_told());
  for (auto at = after; at != fellows_heard_.end(); ++at)
    result.merge(at->second);
  return result;
}

population_sketch summary_round::total(population_sketch sample) const {
  auto result = std::move(sample);
  for (const auto& [committee, by_member] : reports_) {
    if (by_member.size()
        < quorum_of(plan_->place().members_of(committee).size()))
      continue;
    auto said = std::vector<summary_report>{};
    for (const auto& [member, report] : by_member)
      said.push_back(report);
    const auto agreed
      = decode(median_report(said, opts_.summary.points_max),
               static_cast<double>(plan_->agents_below(committee)));
    // What is made of sound reports is sound.
    if (agreed)
      result.merge(*agreed);
  }
  return result;
}

void summary_round::forget_reports() {
  agents_heard_.clear();
  fellows_heard_.clear();
  reports_.clear();
}

std::span<const peer_id> summary_round::above() const {
  const auto committee = plan_->place().above(committee_);
  return committee ? plan_->place().members_of(*committee)
                   : std::span<const peer_id>{};
}

bool summary_round::is_above(const peer_id& member) const {
  const auto committee = plan_->place().above(committee_);
  return committee && plan_->place().committee_of(member) == committee;
}

uint32_t summary_round::height() const {
  return plan_->place().height_of(committee_);
}

bool summary_round::is_below(size_t committee) const {
  return plan_->place().above(committee) == committee_;
}

} // namespace starling::tree
