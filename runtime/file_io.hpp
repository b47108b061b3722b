#pragma once

#include "runtime/result.hpp"

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starling {

/// Permission bits of a file that only its owner may read.
inline constexpr mode_t private_file_mode = 0600;

/// Reads a regular file whole. Errors: file_error (absent, unreadable, not a
/// regular file), limit_reached (longer than `bytes_max`).
[[nodiscard]] result<std::vector<uint8_t>>
read_file(const std::filesystem::path& path, size_t bytes_max);

/// As `read_file`, as text. The bytes are not checked for any encoding.
[[nodiscard]] result<std::string>
read_text_file(const std::filesystem::path& path, size_t bytes_max);

/// As `read_text_file`, for secrets: also refuses a file that group or others
/// may read or write. The check is made on the open file, so nobody can
/// exchange it in between. Errors: also permission_denied.
[[nodiscard]] result<std::string>
read_private_file(const std::filesystem::path& path, size_t bytes_max);

/// Replaces `path`, or creates it, so that after a crash at any moment either
/// the old or the new content is there, whole: writes a temporary file in the
/// same folder, syncs it, renames it, syncs the folder. A symbolic link at
/// `path` is replaced, not followed. The file gets exactly `mode`, whatever
/// the umask says. Errors: file_error.
[[nodiscard]] result<void>
write_file_atomically(const std::filesystem::path& path,
                      std::span<const uint8_t> bytes, mode_t mode);

/// As above, for text.
[[nodiscard]] result<void>
write_file_atomically(const std::filesystem::path& path, std::string_view text,
                      mode_t mode);

} // namespace starling
