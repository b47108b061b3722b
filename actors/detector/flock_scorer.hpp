#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"
#include "actors/detector/whitened_energy.hpp"

namespace starling::detector {

/// The detector to use: is the row where rows have been, and does it move the
/// way rows have moved?
///
/// Two questions, since incidents of real services answer to one or the other.
/// The first is the whitened energy of the scaled row. The second is the
/// whitened energy of the log-volatility, the logarithm of each feature's
/// average absolute change: a stuck sensor, a flapping one, and a load that
/// shakes all features at once have ordinary values and an unordinary pace. The
/// energies are added, not their logarithms: on real incidents the height of
/// the first shock says how long the trouble lasts, and an average over the
/// energies remembers high shocks for longer.
///
/// What it learns from: every training row, since bursts are part of normal
/// behaviour; later rows only as far as they look ordinary, or the first
/// incident would teach it to accept the second. What is ordinary follows the
/// running median of the energies, slowly: a change that stays is accepted
/// after days.
///
/// What was tried and did not help on server data: energies of moving averages
/// of several half-lives, innovations, a second ridge, seasonal profiles,
/// logarithms before averaging, products instead of sums.
class flock_scorer final : public scorer {
public:
  /// @pre opts.features is above zero and smoothing_rows at least zero.
  explicit flock_scorer(const options& opts);

  void learn(std::span<const double> row) override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return average_.last();
  }

  [[nodiscard]] size_t state_bytes() const override;

  [[nodiscard]] std::vector<feature_share> explain() const override;

private:
  struct energies {
    double value = 0.0;
    double volatility = 0.0;
  };

  /// Brings the row in and asks both questions about it.
  energies measure(std::span<const double> row);

  void follow_usual(double energy);

  void follow_changes();

  void absorb(std::span<const double> row, double weight);

  feature_scaler scaler_;
  whitened_energy values_;
  whitened_energy volatilities_;
  score_average average_;
  double volatility_gain_;
  size_t rows_ = 0;
  double usual_ = 1.0; // running median of the value energy, 1 or more
  std::vector<float> scaled_;
  std::vector<float> previous_;
  /// Average absolute change of each scaled feature.
  std::vector<float> pace_;
  std::vector<float> log_pace_;
};

} // namespace starling::detector
