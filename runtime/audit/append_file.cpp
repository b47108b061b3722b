#include "runtime/audit/append_file.hpp"

#include "runtime/file_io.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace starling::audit {

namespace {

constexpr auto flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW;

failure file_failure(const std::filesystem::path& file, std::string_view what) {
  return {ec::file_error, fmt::format("{}: can't be {}: {}", file.string(),
                                      what, std::strerror(errno))};
}

} // namespace

append_file::~append_file() {
  close();
}

result<void> append_file::open(const std::filesystem::path& file) {
  close();
  path_ = file;
  fd_ = ::open(file.c_str(), flags, private_file_mode);
  if (fd_ < 0)
    return failed("opened");
  struct stat status = {};
  if (fstat(fd_, &status) != 0 || fchmod(fd_, private_file_mode) != 0) {
    auto reason = failed("opened");
    close();
    return reason;
  }
  if (!S_ISREG(status.st_mode)) {
    close();
    return failure{ec::file_error,
                   fmt::format("{}: is not a regular file", file.string())};
  }
  size_ = static_cast<uint64_t>(status.st_size);
  return {};
}

result<void> append_file::append(std::string_view bytes, bool synced) {
  auto left = bytes;
  while (!left.empty()) {
    const auto written = ::write(fd_, left.data(), left.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      auto reason = failed("written");
      take_back();
      return reason;
    }
    left.remove_prefix(static_cast<size_t>(written));
  }
  if (synced)
    if (auto ok = sync(); !ok) {
      take_back();
      return ok;
    }
  size_ += bytes.size();
  return {};
}

result<void> append_file::sync() {
  if (fdatasync(fd_) != 0)
    return failed("synced");
  return {};
}

void append_file::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
  size_ = 0;
}

failure append_file::failed(std::string_view what) const {
  return file_failure(path_, what);
}

void append_file::take_back() const {
  // If this fails as well, the torn line is found at the next start.
  static_cast<void>(!ftruncate(fd_, static_cast<off_t>(size_)));
}

file_lock::~file_lock() {
  if (fd_ >= 0)
    ::close(fd_);
}

result<void> file_lock::take(const std::filesystem::path& file) {
  fd_ = ::open(file.c_str(), flags, private_file_mode);
  if (fd_ < 0)
    return file_failure(file, "opened");
  if (flock(fd_, LOCK_EX | LOCK_NB) == 0)
    return {};
  if (errno == EWOULDBLOCK)
    return failure{ec::wrong_state,
                   fmt::format("{}: is locked: another node writes this log",
                               file.string())};
  return file_failure(file, "locked");
}

} // namespace starling::audit
