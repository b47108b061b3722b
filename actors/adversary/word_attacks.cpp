#include "actors/adversary/word_attacks.hpp"

#include "actors/adversary/lot.hpp"

#include <algorithm>
#include <limits>

namespace starling::adversary {

namespace {

/// Replaces a summary by one value of as much weight as is let through.
void tell(double value, const summary_scene& scene, std::vector<double>& values,
          std::vector<double>& weights) {
  values.assign(1, value);
  weights.assign(1, scene.agents);
}

} // namespace

collusion::collusion(const parameter_values& values, uint64_t seed)
  : push_{values, seed},
    groups_{static_cast<uint64_t>(values.at("groups"))},
    lie_{values.at("lie")} {
  // nop
}

void collusion::change_row(const row_scene& scene,
                           std::span<double> row) const {
  push_.move(scene.agent % groups_, 1.0, scene, row);
}

bool collusion::change_summary(const summary_scene& scene,
                               std::vector<double>& values,
                               std::vector<double>& weights) const {
  tell(scene.middle + lie_ * scene.spread, scene, values, weights);
  return true;
}

std::optional<trust_zone>
collusion::testify(const testimony_scene& scene) const {
  return scene.subject_lies ? trust_zone::trusted : scene.seen;
}

lying_summaries::lying_summaries(const parameter_values& values)
  : lie_{values.at("lie")},
    two_faced_{values.at("two_faced") != 0.0} {
  // nop
}

bool lying_summaries::change_summary(const summary_scene& scene,
                                     std::vector<double>& values,
                                     std::vector<double>& weights) const {
  const auto sign = two_faced_ && scene.receiver % 2 == 1 ? -1.0 : 1.0;
  tell(scene.middle + sign * lie_ * scene.spread, scene, values, weights);
  return true;
}

framing::framing(const parameter_values& values, uint64_t seed)
  : targets_{values.at("targets")},
    seed_{seed} {
  // nop
}

std::optional<trust_zone> framing::testify(const testimony_scene& scene) const {
  return !scene.subject_lies && is_target(scene.subject) ? trust_zone::isolated
                                                         : scene.seen;
}

bool framing::is_target(uint64_t subject) const {
  return share_of(lot({seed_, subject})) < targets_;
}

sybils::sybils(const parameter_values& values, uint64_t seed)
  : push_{values, seed},
    identities_{static_cast<uint64_t>(values.at("identities"))},
    turn_{static_cast<uint64_t>(values.at("turn"))} {
  // nop
}

void sybils::change_row(const row_scene& scene, std::span<double> row) const {
  const auto machine = scene.agent / identities_;
  if (scene.row / turn_ % identities_ == scene.agent % identities_)
    push_.move(machine, 1.0, scene, row);
}

std::optional<trust_zone> sybils::testify(const testimony_scene& scene) const {
  return scene.subject_lies ? trust_zone::trusted : scene.seen;
}

void silence::change_row(const row_scene&, std::span<double> row) const {
  std::ranges::fill(row, std::numeric_limits<double>::quiet_NaN());
}

bool silence::change_summary(const summary_scene&, std::vector<double>&,
                             std::vector<double>&) const {
  return false;
}

std::optional<trust_zone> silence::testify(const testimony_scene&) const {
  return std::nullopt;
}

} // namespace starling::adversary
