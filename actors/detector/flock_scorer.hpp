#pragma once

#include "actors/detector/feature_scaler.hpp"
#include "actors/detector/score_average.hpp"
#include "actors/detector/scorer.hpp"
#include "actors/detector/training_guard.hpp"
#include "actors/detector/whitened_energy.hpp"

#include <cstdint>
#include <memory>

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
/// energies remembers high shocks for longer. That holds for values alone: how
/// wildly the pace changes says little beyond some point, so its energy is cut
/// there, and is remembered for longer instead.
///
/// The slow averages are late for a fresh shock, so most of a quick one stands
/// in for them until they have caught up, and some of the row itself.
///
/// What it learns from: the training rows that a `training_guard` believes,
/// bursts among them; later rows only as far as they look ordinary, or the
/// first incident would teach it to accept the second. What is ordinary follows
/// the running median of the energies, slowly: a change that stays is accepted
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

  void settle() override;

  double score(std::span<const double> row) override;

  [[nodiscard]] double instant_score() const override {
    return instant_;
  }

  [[nodiscard]] size_t state_bytes() const override;

  [[nodiscard]] std::vector<feature_share> explain() const override;

  [[nodiscard]] feature_range usual(size_t feature) const override {
    return scaler_.range_of(feature);
  }

private:
  struct energies {
    double value = 0.0;
    /// Cut and weighed.
    double volatility = 0.0;

    [[nodiscard]] double sum() const {
      return value + volatility;
    }
  };

  /// Brings the row in and asks both questions about it.
  energies measure(std::span<const double> row);

  void follow_usual(double energy);

  void follow_changes();

  /// Writes the row to `scaled_`.
  void scale(std::span<const double> row);

  /// Learns the row that was measured last.
  void absorb(std::span<const double> row, const row_trust& trust);

  void learn_value(const row_trust& trust, double count);

  /// Learns a training row as far as it is believed.
  void take(std::span<const double> row, const row_trust& trust);

  /// Learns a row of the sample, which stands for `count` rows. What went
  /// before it is not known.
  void take_alone(std::span<const double> row, const row_trust& trust,
                  double count);

  /// Begins anew with the sample, whose rows stand for all that came so far.
  void learn_sample();

  /// Forgets all but the volatilities, which no sample can tell.
  void forget();

  uint64_t seed_;
  feature_scaler scaler_;
  whitened_energy values_;
  whitened_energy volatilities_;
  score_average value_average_;
  score_average volatility_average_;
  score_average fresh_;
  double instant_ = 0.0;
  double volatility_gain_;
  size_t rows_ = 0;
  double usual_ = 1.0; // running median of the value energy, 1 or more
  std::vector<float> scaled_;
  /// Average absolute change of each scaled feature.
  std::vector<float> pace_;
  std::vector<float> log_pace_;
  /// While training. What was taken from the sample's rows so far follows
  /// from `trusted_bursts_`.
  std::unique_ptr<training_guard> guard_;
  bool settled_ = false;
};

} // namespace starling::detector
