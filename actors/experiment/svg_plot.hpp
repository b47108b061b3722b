#pragma once

#include "actors/experiment/evaluation.hpp"
#include "actors/experiment/experiment_result.hpp"

#include <span>
#include <string>
#include <vector>

namespace starling::experiment {

/// What a plot shows of one entity.
struct plot_input {
  std::string title;
  /// Raw scores; drawn on a logarithmic axis when they span decades.
  score_span scores;
  /// Levels in [0, 1]; as many as scores.
  score_span levels;
  /// As many as scores; may be empty.
  label_span labels;
  std::span<const zone_change_note> zone_changes;
  double monitored_above = 0.8;
  double quarantined_above = 0.95;
};

struct plot_options {
  /// Size in CSS pixels, at least 800 by 200; the drawing scales with its page.
  size_t width = 960;
  size_t height = 300;
  /// Begins the ids inside the drawing; different for each drawing of a page.
  /// Letters and digits.
  std::string id = "plot";
  /// Puts `plot_style()` into the SVG, so that it can be a file of its own.
  bool standalone = false;
};

/// Draws levels, raw scores and a strip of zones above one axis of rows, as
/// SVG. Incidents are shaded; the mark on top of each is full if a level in it
/// exceeds the quarantine threshold, hollow if none does. No spike is lost (see
/// `down_sampled`); a column of the strip shows the worst zone in it.
/// @pre spans are of equal length (labels may be empty), values finite.
[[nodiscard]] std::string draw_plot(const plot_input& input,
                                    const plot_options& opts = {});

} // namespace starling::experiment
