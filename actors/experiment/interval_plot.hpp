#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::experiment {

/// A value and its confidence interval; without one, low = high = value.
struct interval_point {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// One method: a point a place, or none.
struct interval_series {
  std::string name;
  /// Chooses colour and mark, the same in all plots of a page.
  size_t style = 0;
  std::vector<std::optional<interval_point>> points;
};

struct interval_plot_input {
  std::string title;
  /// What the places are, as in "inject.strength"; empty: nothing is said.
  std::string x_name;
  /// One a place.
  std::vector<std::string> places;
  /// Whether the places have an order: then points are joined by lines.
  bool joined = true;
  std::vector<interval_series> series;
};

/// Colours and marks repeat after that many.
inline constexpr size_t interval_styles = 8;

/// Draws values in [0, 1] with whiskers over places, as SVG of 400 by 250
/// pixels that scales with its page. Its legend is drawn apart, once a page.
/// @pre each series has one point a place.
[[nodiscard]] std::string draw_intervals(const interval_plot_input& input);

/// Returns the legend as HTML.
[[nodiscard]] std::string
interval_legend(const std::vector<std::string>& methods);

/// The style sheet of both; needs `plot_style`.
[[nodiscard]] std::string_view interval_style();

} // namespace starling::experiment
