#pragma once

#include "actors/scale/growth_fit.hpp"

#include <string>
#include <vector>

namespace starling::deploy {

/// One curve of a plot.
struct growth_curve {
  std::string name;
  /// A CSS colour.
  std::string colour;
  std::vector<scale::cost_point> points;
  /// Draws the points hollow and the line dashed: no measurement.
  bool projected = false;
};

/// Draws costs over sizes, both axes logarithmic, as SVG: a straight line is a
/// power. Points that are not above zero are left out.
[[nodiscard]] std::string draw_growth(const std::string& title,
                                      const std::string& unit,
                                      const std::vector<growth_curve>& curves);

} // namespace starling::deploy
