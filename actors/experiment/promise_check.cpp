#include "actors/experiment/promise_check.hpp"

#include <algorithm>
#include <cmath>

namespace starling::experiment {

namespace {

/// The normal distribution's 97.5 % quantile.
constexpr double z = 1.959963985;

} // namespace

promise_check check_promise(double observed, size_t rows, double threshold,
                            double horizon_rows) {
  auto result = promise_check{};
  result.promised = 1.0 - std::pow(threshold, 1.0 / horizon_rows);
  if (rows == 0)
    return result;
  const auto n = static_cast<double>(rows);
  const auto middle = (observed + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const auto reach
    = z / (1.0 + z * z / n)
      * std::sqrt(observed * (1.0 - observed) / n + z * z / (4.0 * n * n));
  result.observed = observed;
  result.low = std::max(0.0, middle - reach);
  result.high = std::min(1.0, middle + reach);
  return result;
}

} // namespace starling::experiment
