#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace starling::experiment {

/// Returns text that is safe inside elements and quoted attributes of HTML and
/// XML: markup is escaped; control characters and bytes that are no UTF-8
/// become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// Shown where a figure is undefined.
inline constexpr std::string_view no_figure = "\u2013";

/// Returns a figure as "0.562".
[[nodiscard]] std::string figure_text(double value);

/// Returns a share as "0.42 %".
[[nodiscard]] std::string percent_text(double share);

/// Returns a count as "1 234 567", with thin spaces that do not break.
[[nodiscard]] std::string count_text(size_t value);

/// Returns bytes as "12.3 kB".
[[nodiscard]] std::string bytes_text(size_t bytes);

/// Returns rows, or a dash.
[[nodiscard]] std::string rows_text(std::optional<double> rows);

} // namespace starling::experiment
