#pragma once

#include "runtime/audit/notary.hpp"
#include "runtime/audit/verifier.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::audit {

/// A log at PATH is made of PATH itself, which is written to, the rotated
/// PATH.00000000000000000001 and so on (the number is that of the first entry
/// in it), and PATH.head, a copy of the last anchor's line.
[[nodiscard]] std::filesystem::path
segment_path(const std::filesystem::path& log, uint64_t first_seq);

[[nodiscard]] std::filesystem::path head_path(const std::filesystem::path& log);

/// Returns the rotated files of a log, oldest first. Errors: file_error.
[[nodiscard]] result<std::vector<std::filesystem::path>>
rotated_segments(const std::filesystem::path& log);

/// Calls `sink` with each line of a file, without line break, and returns how
/// many bytes follow the last line break; those are left out. Memory is bounded
/// by the longest allowed line: of a longer one comes as much as shows that it
/// is too long. Errors: file_error.
[[nodiscard]] result<uint64_t>
read_lines(const std::filesystem::path& file,
           const std::function<void(std::string_view)>& sink);

/// Feeds the lines of a file to a verifier; returns as `read_lines`. Errors:
/// file_error.
[[nodiscard]] result<uint64_t> feed_file(const std::filesystem::path& file,
                                         verifier& target);

/// Returns up to `count` bytes from a file's end. Errors: file_error.
[[nodiscard]] result<std::string> last_bytes(const std::filesystem::path& file,
                                             size_t count);

/// Reads the first entry of a file. Errors: file_error, malformed_input.
[[nodiscard]] result<record> first_record(const std::filesystem::path& file);

/// Reads the head file. Errors: file_error when it can't be read,
/// authentication_failed when it isn't an anchor of `signer`.
[[nodiscard]] result<position> read_head(const std::filesystem::path& log,
                                         const notary& signer);

/// Replaces the head file; with `synced` it is on the disk when this returns.
/// Errors: file_error.
[[nodiscard]] result<void> write_head(const std::filesystem::path& log,
                                      const std::string& line, bool synced);

/// Checks all files of a log and its head. A flaw is in the report, not an
/// error. The log may be written to meanwhile. Errors: file_error.
[[nodiscard]] result<report> inspect_log(const std::filesystem::path& log,
                                         const notary& signer);

/// As `inspect_log`, for those who only want to know if all is well: any flaw
/// is an error. Errors: file_error, tampered.
[[nodiscard]] result<report> verify_file(const std::filesystem::path& log,
                                         const identity::public_key& owner);

} // namespace starling::audit
