#pragma once

#include "deploy/arena/arena_options.hpp"
#include "runtime/result.hpp"

#include <filesystem>
#include <string_view>

namespace starling::arena {

/// Reads an arena file (TOML); every key has a default. A relative data folder
/// counts from the folder of the file. Errors: file_error; invalid_option with
/// file, line and, for an unknown key, the nearest known one.
result<arena_options> load_arena(const std::filesystem::path& file);

/// Likewise from text; `file` names it in errors and anchors relative paths.
result<arena_options> parse_arena(std::string_view text,
                                  const std::filesystem::path& file);

} // namespace starling::arena
