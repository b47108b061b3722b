#pragma once

#include <string_view>

namespace starling::identity {

/// Is this well-formed UTF-8 (RFC 3629 section 4) without control characters
/// (U+0000-U+001F, U+007F-U+009F), line or paragraph separators, or marks that
/// change the direction of writing (U+202A-U+202E, U+2066-U+2069)?
///
/// Names and reasons in signed records come from other nodes and end in logs,
/// terminals and JSON. What passes here breaks no line there, moves no cursor
/// and makes no JSON writer throw.
[[nodiscard]] bool is_printable(std::string_view text);

} // namespace starling::identity
