#pragma once

#include "actors/adversary/behaviour_attacks.hpp"

namespace starling::adversary {

// Attacks of nodes: what they say is false; their agents may misbehave too.

/// "collusion": liars never speak ill of each other.
class collusion : public attack {
public:
  collusion(const parameter_values& values, uint64_t seed);

  void change_row(const row_scene& scene, std::span<double> row) const override;
  bool change_summary(const summary_scene& scene, std::vector<double>& values,
                      std::vector<double>& weights) const override;
  [[nodiscard]] std::optional<trust_zone>
  testify(const testimony_scene& scene) const override;

private:
  push push_;
  uint64_t groups_;
  double lie_;
};

/// "lying-summaries": an inner node lies with the weight of all below it.
class lying_summaries : public attack {
public:
  explicit lying_summaries(const parameter_values& values);

  bool change_summary(const summary_scene& scene, std::vector<double>& values,
                      std::vector<double>& weights) const override;

private:
  double lie_;
  bool two_faced_;
};

/// "framing": truth about all but the targets keeps the liars credible.
class framing : public attack {
public:
  framing(const parameter_values& values, uint64_t seed);

  [[nodiscard]] std::optional<trust_zone>
  testify(const testimony_scene& scene) const override;

  /// Returns whether an honest agent is one of the targets.
  [[nodiscard]] bool is_target(uint64_t subject) const;

private:
  double targets_;
  uint64_t seed_;
};

/// "sybils": one attacker's work, split so that each part is small.
class sybils : public attack {
public:
  sybils(const parameter_values& values, uint64_t seed);

  void change_row(const row_scene& scene, std::span<double> row) const override;
  [[nodiscard]] std::optional<trust_zone>
  testify(const testimony_scene& scene) const override;

private:
  push push_;
  uint64_t identities_;
  uint64_t turn_;
};

/// "silence": who does not answer can't be judged.
class silence : public attack {
public:
  void change_row(const row_scene& scene, std::span<double> row) const override;
  bool change_summary(const summary_scene& scene, std::vector<double>& values,
                      std::vector<double>& weights) const override;
  [[nodiscard]] std::optional<trust_zone>
  testify(const testimony_scene& scene) const override;
};

} // namespace starling::adversary
