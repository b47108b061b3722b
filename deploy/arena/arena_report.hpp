#pragma once

#include "deploy/arena/arena.hpp"
#include "deploy/control/request.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string>

namespace starling::arena {

/// Whether a cell keeps what is promised: no more than one honest agent in a
/// hundred cut off by the attack, and summaries within `error_max` on average.
[[nodiscard]] bool holds(const arena_cell& cell);
[[nodiscard]] bool holds(const tree_cell& cell);

/// Whether liars are cut off more often than they would be by chance.
[[nodiscard]] bool is_seen(const arena_cell& cell);

/// Returns all figures for scripts.
[[nodiscard]] control::json to_json(const arena_result& input);

/// One line a cell: attack, share of liars, then mean and margin of each
/// figure.
[[nodiscard]] std::string cells_csv(const arena_result& input);

/// One line a tree.
[[nodiscard]] std::string trees_csv(const arena_result& input);

/// Returns one self-contained HTML page, in the style of experiment reports.
[[nodiscard]] std::string arena_page(const arena_result& input);

/// Writes `cells.csv`, `trees.csv`, `arena.json` and `report.html` into a
/// folder, which is made if it is missing. Errors: file_error.
result<void> write_arena(const std::filesystem::path& folder,
                         const arena_result& input);

} // namespace starling::arena
