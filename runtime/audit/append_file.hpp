#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace starling::audit {

/// A file that only grows, by whole pieces: a write that fails halfway is taken
/// back. Mode 0600; a symbolic link at its path is not followed.
class append_file {
public:
  append_file() = default;
  append_file(const append_file&) = delete;
  append_file& operator=(const append_file&) = delete;
  ~append_file();

  /// Opens or, if need be, makes the file. Errors: file_error.
  result<void> open(const std::filesystem::path& file);

  /// Appends; with `synced` the bytes are on the disk when this returns. After
  /// an error the file is as before. Errors: file_error.
  result<void> append(std::string_view bytes, bool synced);

  /// Forces all bytes onto the disk. Errors: file_error.
  result<void> sync();

  void close();

  [[nodiscard]] bool is_open() const {
    return fd_ >= 0;
  }

  [[nodiscard]] uint64_t size() const {
    return size_;
  }

private:
  failure failed(std::string_view what) const;
  void take_back() const;

  std::filesystem::path path_;
  int fd_ = -1;
  uint64_t size_ = 0;
};

/// Keeps other processes from writing the same files as long as it lives.
class file_lock {
public:
  file_lock() = default;
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;
  ~file_lock();

  /// Errors: wrong_state when somebody else holds the lock, file_error.
  result<void> take(const std::filesystem::path& file);

private:
  int fd_ = -1;
};

} // namespace starling::audit
