#include "actors/scale/growth_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

namespace starling::scale {

namespace {

/// Two-sided 95 % points of Student's t with 1, 2, ... degrees of freedom.
constexpr double student[]
  = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
     2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120};

double student_of(size_t freedom) {
  return student[std::min(freedom, std::size(student)) - 1];
}

} // namespace

result<growth> fit_growth(std::span<const cost_point> points) {
  auto mean_x = 0.0;
  auto mean_y = 0.0;
  for (const auto& p : points) {
    if (!(p.size > 0.0) || !(p.cost > 0.0))
      return failure{ec::invalid_option,
                     "a growth has sizes and costs above zero"};
    mean_x += std::log(p.size) / static_cast<double>(points.size());
    mean_y += std::log(p.cost) / static_cast<double>(points.size());
  }
  auto xx = 0.0;
  auto xy = 0.0;
  for (const auto& p : points) {
    const auto x = std::log(p.size) - mean_x;
    xx += x * x;
    xy += x * (std::log(p.cost) - mean_y);
  }
  if (points.size() < 2 || xx < 1e-12)
    return failure{ec::invalid_option, "a growth needs two sizes or more"};
  auto found = growth{};
  found.exponent = xy / xx;
  found.factor = std::exp(mean_y - found.exponent * mean_x);
  found.exponent_least = std::numeric_limits<double>::quiet_NaN();
  found.exponent_most = std::numeric_limits<double>::quiet_NaN();
  if (points.size() == 2)
    return found;
  auto left = 0.0;
  for (const auto& p : points) {
    const auto miss = std::log(p.cost) - mean_y
                      - found.exponent * (std::log(p.size) - mean_x);
    left += miss * miss;
  }
  const auto freedom = points.size() - 2;
  const auto half
    = student_of(freedom) * std::sqrt(left / static_cast<double>(freedom) / xx);
  found.exponent_least = found.exponent - half;
  found.exponent_most = found.exponent + half;
  return found;
}

} // namespace starling::scale
