#pragma once

#include "actors/experiment/experiment_result.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace starling::experiment {

/// The scores of one entity; the index is the row t of its test file.
struct entity_scores {
  std::string entity;
  std::vector<double> scores;
  std::vector<double> levels;

  friend bool operator==(const entity_scores&, const entity_scores&) = default;
};

/// What a reader of `scores.csv` or `events.csv` believes.
struct scores_limits {
  uint64_t bytes_max = uint64_t{1} << 32;
  size_t line_max = size_t{1} << 16;
  size_t rows_max = 100'000'000;
};

/// Writes `scores.csv`: header `entity,t,score,level`, a line a row, decimals
/// as short as reads back equal. The file appears whole or not at all.
/// Errors: malformed_input (not finite, unequal lengths), file_error.
result<void> write_scores(const std::filesystem::path& file,
                          const std::vector<entity_scores>& scores);

/// Likewise from a result, without copying its scores.
result<void> write_scores(const std::filesystem::path& file,
                          const std::vector<entity_result>& entities);

/// Reads what `write_scores` wrote; entities in the order of the file.
/// Errors: file_error; malformed_input with file and line (unknown header, a
/// row missing, twice or out of order, not a number); limit_reached.
result<std::vector<entity_scores>>
read_scores(const std::filesystem::path& file,
            const scores_limits& limits = {});

/// Writes `events.csv`: header `t,entity,node,kind,from,to,level,detail`,
/// quoted as in RFC 4180, lines end in LF. Errors: file_error.
result<void> write_events(const std::filesystem::path& file,
                          const std::vector<event_note>& events);

/// Reads what `write_events` wrote. Errors: as `read_scores`.
result<std::vector<event_note>> read_events(const std::filesystem::path& file,
                                            const scores_limits& limits = {});

} // namespace starling::experiment
