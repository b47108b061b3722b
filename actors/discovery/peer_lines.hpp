#pragma once

#include "actors/discovery/peer_cache.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace starling::discovery {

/// The peer cache as text. After a title, one line for each endpoint: the
/// endpoint, who found it, when it was last announced, when it last worked, and
/// how often it has failed since, with a blank between. Times are milliseconds
/// since 1970; "-" stands for never.

/// First line of the text.
inline constexpr std::string_view peer_lines_title = "starling peers 1\n";

void append_peer_line(std::string& to, const candidate& x);

/// Reads such a text. `reach` is left at its default; `due` is when it was
/// last announced. Errors: malformed_input (which names the line),
/// limit_reached.
[[nodiscard]] result<std::vector<candidate>>
parse_peer_lines(std::string_view text, size_t lines_max);

} // namespace starling::discovery
