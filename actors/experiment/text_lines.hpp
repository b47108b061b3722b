#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace starling::experiment {

/// The lines of a text file, gzip or plain, read in constant memory.
///
/// zlib tells the two apart by their first bytes. A cut-off archive is an error
/// and not an end: half a file must never pass for a whole one.
class text_lines {
public:
  struct options {
    /// Uncompressed bytes of the file.
    uint64_t bytes_max = uint64_t{1} << 30;
    /// Bytes of one line, its end included.
    size_t line_max = size_t{1} << 20;
  };

  /// Errors: file_error.
  static result<text_lines> open(const std::filesystem::path& file,
                                 const options& opts);

  text_lines(text_lines&&) noexcept;
  text_lines& operator=(text_lines&&) noexcept;
  ~text_lines();

  /// Reads the next line, without its LF (a CR stays), into `target`. Returns
  /// false at the end of the file. Errors: file_error, limit_reached.
  result<bool> next(std::string& target);

  /// Number of the line read last, from 1; 0 before the first.
  [[nodiscard]] uint64_t number() const {
    return number_;
  }

  [[nodiscard]] const std::filesystem::path& file() const {
    return file_;
  }

private:
  struct stream;

  text_lines(std::filesystem::path file, const options& opts,
             std::unique_ptr<stream> source);

  result<bool> refill();

  std::filesystem::path file_;
  options opts_;
  std::unique_ptr<stream> source_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t bytes_ = 0;
  uint64_t number_ = 0;
};

} // namespace starling::experiment
