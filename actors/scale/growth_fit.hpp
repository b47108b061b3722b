#pragma once

#include "runtime/result.hpp"

#include <span>

namespace starling::scale {

/// What something cost at one size.
struct cost_point {
  double size = 0.0;
  double cost = 0.0;
};

/// cost = factor * size ^ exponent
struct growth {
  double exponent = 0.0;
  double factor = 0.0;
  /// The exponent lies in between with 95 % confidence, if the errors of the
  /// logarithms are normal and alike; both NaN with two points.
  double exponent_least = 0.0;
  double exponent_most = 0.0;
};

/// Fits a power of the size by least squares of logarithms: each decade counts
/// the same, however small its costs.
///
/// n log n from 10 to 10^5 looks like an exponent of 1.16, and from 500 to 10^5
/// like 1.11: an exponent is a summary of the sizes it was measured at.
///
/// Source: Draper, Smith, "Applied regression analysis", 3rd edition, section
/// 1.4 (intervals) and its table of Student's t.
/// Errors: invalid_option (fewer than two sizes; what is not above zero).
[[nodiscard]] result<growth> fit_growth(std::span<const cost_point> points);

} // namespace starling::scale
