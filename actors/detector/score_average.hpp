#pragma once

#include <cassert>
#include <cmath>

namespace starling::detector {

/// The causal exponential average that scorers put over their scores.
class score_average {
public:
  /// @pre `half_life` is at least zero, in rows; zero passes scores through.
  explicit score_average(double half_life)
    : gain_{half_life > 0.0 ? 1.0 - std::exp2(-1.0 / half_life) : 1.0} {
    assert(half_life >= 0.0);
  }

  /// Notes the score of a training row, which is not averaged: what lies
  /// between training and use may be a gap of weeks.
  void note(double score) {
    last_ = score;
  }

  /// Takes a score and returns the average so far, which starts at the first.
  double add(double score) {
    last_ = score;
    value_ = started_ ? value_ + gain_ * (score - value_) : score;
    started_ = true;
    return value_;
  }

  /// Returns the score taken or noted last.
  [[nodiscard]] double last() const {
    return last_;
  }

private:
  double gain_;
  double value_ = 0.0;
  double last_ = 0.0;
  bool started_ = false;
};

} // namespace starling::detector
