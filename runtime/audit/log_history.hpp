#pragma once

#include "runtime/audit/record.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

namespace starling::audit {

/// Returns the last `count` entries of a log that `wanted` says yes to, oldest
/// first. Reads all files of the log once; lines that are no entries are passed
/// over, and nothing is verified: see `inspect_log`. The log may be written to
/// meanwhile. Errors: file_error.
[[nodiscard]] result<std::vector<record>>
last_entries(const std::filesystem::path& log, size_t count,
             const std::function<bool(const record&)>& wanted);

} // namespace starling::audit
