#pragma once

#include <string_view>

namespace starling::experiment {

/// Returns the style sheet of the report page; it uses the colours of
/// `plot_style()`.
[[nodiscard]] std::string_view report_style();

} // namespace starling::experiment
