#pragma once

#include "runtime/result.hpp"

#include <cstddef>
#include <vector>

namespace starling::detector {

/// Turns one agent's raw scores into levels in [0, 1] that zones can use.
///
/// The level of a score is the probability that no score in a stretch of
/// `horizon_rows` ordinary rows would be as high:
///
///   level = (1 - p)^horizon_rows
///
/// where p is the conformal p-value, the share of past scores that are at least
/// as high, the new one counted among them. As long as scores come from the
/// same distribution in any order, a row is above level v with a probability of
/// at most 1 - v^(1 / horizon_rows): with 16 rows, 0.32 % above 0.95, 1.4 %
/// above 0.8 and 7.3 % above 0.3.
///
/// Past scores fade with `half_life_rows`, so that a slow drift of the agent or
/// of its scorer moves the level's meaning along.
///
/// Poisoning guard: ordinary rows raise alarms as rarely as promised, so only
/// twice as many alarms enter the memory in full; what comes beyond counts a
/// tenth, and an attacker who raises alarms to make them ordinary needs nearly
/// ten times the rows. All alarms at a tenth would break the promise (six times
/// the alarms, on ordinary rows), and at nothing would leave an agent that has
/// changed for good in alarm for ever.
///
/// Why not a fitted tail: on server data, tails fitted to training rows put 17
/// to 69 % of normal rows above 0.95.
///
/// Until it knows (1 / (1 - v^(1 / horizon_rows))) scores, about 310 for 0.95,
/// no level reaches v: who knows little does not raise alarms.
///
/// Sources: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World",
/// 2005, section 2.2; Barber et al., "Conformal prediction beyond
/// exchangeability", Annals of Statistics 51(2), 2023, for the fading weights.
class calibrator {
public:
  struct options {
    /// Rows after which a past score counts half, 64 to 10^6.
    double half_life_rows = 4096.0;
    /// Rows that a level speaks about, 1 to 10^4.
    double horizon_rows = 16.0;
    /// A score whose level is above this is in alarm, in (0, 1].
    double alarm_above = 0.95;
    /// What a score in alarm counts where alarms come too often, in (0, 1].
    double alarm_weight = 0.1;
  };

  /// Errors: invalid_option (a value out of range; a horizon so long that no
  /// score could be in alarm).
  [[nodiscard]] static result<calibrator> make(const options& opts);

  /// Enters the score of a training row, in the order of time: a scorer's
  /// `instant_score` after `learn`. What is not finite is ignored.
  void seed(double score);

  /// Returns the level of `score`, in [0, 1], then remembers the score. What is
  /// not finite counts as the highest of all and is not remembered.
  [[nodiscard]] double level(double score);

  /// Returns the conformal p-value of `score`, in (0, 1], and remembers
  /// nothing.
  [[nodiscard]] double p_value(double score) const;

  /// Returns the bytes held, about 0.8 KiB.
  [[nodiscard]] size_t state_bytes() const;

private:
  explicit calibrator(const options& opts);

  float weight_of(double level);

  void remember(double score, float weight);

  void rescale();

  options opts_;
  /// The share of ordinary rows that are in alarm.
  double alarms_expected_;
  /// Alarms that may still enter in full.
  double allowance_;
  float growth_;
  /// The weight of a score that comes now. It grows instead of all the others
  /// fading: the same, and much less work.
  float present_ = 1.0F;
  float total_ = 0.0F;
  /// Weight of the scores by size, in logarithmic bins.
  std::vector<float> bins_;
  /// The same, by block of bins.
  std::vector<float> blocks_;
};

} // namespace starling::detector
