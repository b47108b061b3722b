#include "runtime/file_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace starling {

namespace {

namespace fs = std::filesystem;

constexpr mode_t others_mask = S_IRWXG | S_IRWXO;

constexpr size_t chunk_size = 64 * 1024;

/// Owns a file descriptor, or nothing (-1).
class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_{fd} {
    // nop
  }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept {
    return fd_;
  }

private:
  int fd_;
};

/// Removes a file unless told that it is wanted.
class removal_guard {
public:
  explicit removal_guard(std::string path) : path_{std::move(path)} {
    // nop
  }

  removal_guard(const removal_guard&) = delete;
  removal_guard& operator=(const removal_guard&) = delete;

  ~removal_guard() {
    if (!path_.empty())
      ::unlink(path_.c_str());
  }

  void release() noexcept {
    path_.clear();
  }

private:
  std::string path_;
};

failure system_failure(std::string_view doing, const fs::path& path) {
  const auto reason = std::generic_category().message(errno);
  return {ec::file_error,
          fmt::format("cannot {} {}: {}", doing, path.string(), reason)};
}

/// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
  auto outcome = call();
  while (outcome < 0 && errno == EINTR)
    outcome = call();
  return outcome;
}

result<void> check_private(const struct stat& info, const fs::path& path) {
  if ((info.st_mode & others_mask) == 0)
    return {};
  return failure{ec::permission_denied,
                 fmt::format("{} holds secrets but has mode {:04o}: others "
                             "could have read it; run chmod 600 on it if you "
                             "are sure that nobody did",
                             path.string(), info.st_mode & 07777)};
}

template <class Bytes>
result<Bytes> read_all(const descriptor& file, const fs::path& path,
                       size_t size_hint, size_t bytes_max) {
  auto content = Bytes{};
  content.reserve(std::min(size_hint, bytes_max));
  auto chunk = std::vector<char>(std::min(chunk_size, bytes_max + 1));
  for (;;) {
    const auto count = uninterrupted(
      [&] { return ::read(file.get(), chunk.data(), chunk.size()); });
    if (count < 0)
      return system_failure("read", path);
    if (count == 0)
      return content;
    const auto size = static_cast<size_t>(count);
    if (size > bytes_max - content.size())
      return failure{ec::limit_reached,
                     fmt::format("{} is longer than {} bytes, the most that is "
                                 "read of such a file",
                                 path.string(), bytes_max)};
    content.insert(content.end(), chunk.data(), chunk.data() + size);
  }
}

template <class Bytes>
result<Bytes>
read_regular_file(const fs::path& path, size_t bytes_max, bool secret) {
  // O_NONBLOCK: opening a pipe must not wait for someone to write into it.
  const auto file = descriptor{uninterrupted(
    [&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })};
  if (file.get() < 0)
    return system_failure("open", path);
  struct stat info = {};
  if (::fstat(file.get(), &info) != 0)
    return system_failure("examine", path);
  if (!S_ISREG(info.st_mode))
    return failure{ec::file_error,
                   fmt::format("{} is not a regular file", path.string())};
  if (secret)
    if (auto ok = check_private(info, path); !ok)
      return ok.error();
  return read_all<Bytes>(file, path, static_cast<size_t>(info.st_size),
                         bytes_max);
}

result<void> write_all(const descriptor& file, const fs::path& path,
                       std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto count = uninterrupted(
      [&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (count < 0)
      return system_failure("write", path);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

/// Makes a rename survive a crash.
result<void> sync_folder(const fs::path& folder) {
  const auto dir
    = descriptor{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (dir.get() < 0)
    return system_failure("open folder", folder);
  if (::fsync(dir.get()) != 0)
    return system_failure("sync folder", folder);
  return {};
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

} // namespace

result<std::vector<uint8_t>> read_file(const fs::path& path, size_t bytes_max) {
  return read_regular_file<std::vector<uint8_t>>(path, bytes_max, false);
}

result<std::string> read_text_file(const fs::path& path, size_t bytes_max) {
  return read_regular_file<std::string>(path, bytes_max, false);
}

result<std::string> read_private_file(const fs::path& path, size_t bytes_max) {
  return read_regular_file<std::string>(path, bytes_max, true);
}

result<void> write_file_atomically(const fs::path& path,
                                   std::span<const uint8_t> bytes,
                                   mode_t mode) {
  const auto folder = path.has_parent_path() ? path.parent_path() : ".";
  // mkostemp opens with mode 0600, so a secret is private from its first byte.
  auto temporary = path.string() + '.' + std::string(6, 'X');
  const auto file = descriptor{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (file.get() < 0)
    return system_failure("create a file beside", path);
  auto guard = removal_guard{temporary};
  if (auto ok = write_all(file, path, bytes); !ok)
    return ok;
  if (::fchmod(file.get(), mode) != 0)
    return system_failure("set the mode of", path);
  if (::fsync(file.get()) != 0)
    return system_failure("sync", path);
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return system_failure("replace", path);
  guard.release();
  return sync_folder(folder);
}

result<void> write_file_atomically(const fs::path& path, std::string_view text,
                                   mode_t mode) {
  return write_file_atomically(path, bytes_of(text), mode);
}

} // namespace starling
