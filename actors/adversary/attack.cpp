#include "actors/adversary/attack.hpp"

#include "actors/adversary/behaviour_attacks.hpp"
#include "actors/adversary/word_attacks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace starling::adversary {

namespace {

constexpr auto features = attack_parameter{
  "features", 0.5, 0.0, 1.0, "share of the features that move, at least one"};

attack_parameter strength(double initial) {
  return {"strength", initial, 0.0, 1e3,
          "standard deviations that a feature moves"};
}

constexpr auto lie
  = attack_parameter{"lie", 100.0, -1e6, 1e6,
                     "standard deviations from the middle that is reported"};

result<parameter_values> read(const attack_kind& kind,
                              const attack_options& opts) {
  auto values = parameter_values{};
  for (const auto& each : kind.parameters)
    values.emplace(each.name, each.initial);
  for (const auto& [name, value] : opts.parameters) {
    const auto known
      = std::ranges::find(kind.parameters, name, &attack_parameter::name);
    if (known == kind.parameters.end())
      return failure{ec::invalid_option,
                     fmt::format("attack '{}' has no parameter '{}'", kind.name,
                                 name.substr(0, 40))};
    if (!(value >= known->min && value <= known->max))
      return failure{ec::invalid_option,
                     fmt::format("attack '{}': '{}' is {}; give {} to {}",
                                 kind.name, name, value, known->min,
                                 known->max)};
    values.insert_or_assign(known->name, value);
  }
  return values;
}

std::unique_ptr<attack> make(std::string_view name,
                             const parameter_values& values, uint64_t seed) {
  if (name == "slow-poison")
    return std::make_unique<slow_poison>(values, seed);
  if (name == "collusion")
    return std::make_unique<collusion>(values, seed);
  if (name == "lying-summaries")
    return std::make_unique<lying_summaries>(values);
  if (name == "framing")
    return std::make_unique<framing>(values, seed);
  if (name == "mimicry")
    return std::make_unique<mimicry>(values, seed);
  if (name == "on-off")
    return std::make_unique<on_off>(values, seed);
  if (name == "sybils")
    return std::make_unique<sybils>(values, seed);
  return std::make_unique<silence>();
}

} // namespace

attack::~attack() {
  // nop
}

void attack::change_row(const row_scene&, std::span<double>) const {
  // nop
}

bool attack::change_summary(const summary_scene&, std::vector<double>&,
                            std::vector<double>&) const {
  return true;
}

std::optional<trust_zone> attack::testify(const testimony_scene& scene) const {
  return scene.seen;
}

const std::vector<attack_kind>& attacks() {
  static const auto all = std::vector<attack_kind>{
    {"slow-poison",
     "rows drift away so slowly that the detector learns the drift",
     {strength(5.0),
      {"rows", 1000, 1, 1e6, "rows until the drift is complete"},
      features}},
    {"collusion",
     "groups move the same features together, report the same lie and vouch "
     "for each other",
     {strength(3.0), {"groups", 3, 1, 1e3, "groups"}, features, lie}},
    {"lying-summaries",
     "nodes report lies of their own agents and of all that report to them",
     {lie,
      {"two_faced", 1, 0, 1, "1: every second receiver hears the opposite"}}},
    {"framing",
     "witnesses call honest agents isolated, and tell the truth of others",
     {{"targets", 0.1, 0.0, 1.0, "share of the agents that are framed"}}},
    {"mimicry",
     "rows are those of an honest agent of the same kind, a little moved",
     {strength(1.0), features}},
    {"on-off",
     "strikes hard, rests until it is trusted again, strikes again",
     {strength(6.0),
      {"on", 6, 1, 1e6, "rows of a strike"},
      {"off", 48, 0, 1e6, "rows of rest"},
      features}},
    {"sybils",
     "identities of one machine strike by turns and vouch for each other",
     {strength(6.0),
      {"identities", 8, 1, 1e4, "identities of one machine"},
      {"turn", 3, 1, 1e6, "rows of a turn"},
      features}},
    {"silence", "rows without values, no summaries, no word on others", {}},
  };
  return all;
}

result<std::unique_ptr<attack>> make_attack(std::string_view name,
                                            const attack_options& opts) {
  const auto kind = std::ranges::find(attacks(), name, &attack_kind::name);
  if (kind == attacks().end()) {
    auto known = std::string{};
    for (const auto& each : attacks())
      known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
    return failure{ec::unknown_name,
                   fmt::format("no attack is called '{}'; known: {}",
                               name.substr(0, 40), known)};
  }
  const auto values = read(*kind, opts);
  if (!values)
    return values.error();
  return make(kind->name, *values, opts.seed);
}

} // namespace starling::adversary
