#pragma once

#include <string_view>

namespace starling::experiment {

/// Returns the style sheet of plots: colours as CSS variables (`--st-...`) for
/// light and dark mode, which pages around them may use too.
[[nodiscard]] std::string_view plot_style();

} // namespace starling::experiment
