#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::config {

/// Returns how many insertions, deletions, substitutions and swaps of
/// neighbours turn `a` into `b`, no character being edited twice (optimal
/// string alignment). Time O(a * b). Source: Damerau, "A technique for computer
/// detection and correction of spelling errors", CACM 7(3), 1964; Boytsov, JEA
/// 16, 2011, section 2.2.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

/// Returns the known key that was most likely meant: the one at the smallest
/// distance, if that is at most a third of the longer word's length (at least
/// one). Ties go to the first one.
[[nodiscard]] std::optional<std::string>
nearest_key(std::string_view key, const std::vector<std::string>& known);

} // namespace starling::config
