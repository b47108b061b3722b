#pragma once

#include "actors/experiment/summary.hpp"

#include <string>

namespace starling::experiment {

/// Returns `summary.json`: UTF-8, indented, keys sorted; null where a figure is
/// undefined. The same input gives the same bytes.
[[nodiscard]] std::string to_json(const experiment_summary& summary);

} // namespace starling::experiment
