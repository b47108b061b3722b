#include "actors/experiment/text_lines.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace starling::experiment {

namespace {

constexpr size_t buffer_size = size_t{1} << 16;

} // namespace

/// Owns the handle of zlib.
struct text_lines::stream {
  explicit stream(gzFile file) : handle{file} {
    // nop
  }

  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  ~stream() {
    gzclose_r(handle);
  }

  gzFile handle;
};

text_lines::text_lines(std::filesystem::path file, const options& opts,
                       std::unique_ptr<stream> source)
  : file_{std::move(file)},
    opts_{opts},
    source_{std::move(source)},
    buffer_(buffer_size) {
  // nop
}

text_lines::text_lines(text_lines&&) noexcept = default;
text_lines& text_lines::operator=(text_lines&&) noexcept = default;
text_lines::~text_lines() = default;

result<text_lines> text_lines::open(const std::filesystem::path& file,
                                    const options& opts) {
  errno = 0;
  auto* handle = gzopen(file.c_str(), "rb");
  if (handle == nullptr)
    return failure{ec::file_error,
                   fmt::format("{}: can't be opened: {}; check name and "
                               "permission",
                               file.string(), std::strerror(errno))};
  return text_lines{file, opts, std::make_unique<stream>(handle)};
}

result<bool> text_lines::refill() {
  const auto got = gzread(source_->handle, buffer_.data(),
                          static_cast<unsigned>(buffer_.size()));
  auto code = Z_OK;
  const auto* text = gzerror(source_->handle, &code);
  // An archive that ends too early is no error to gzread, only a note.
  if (got < 0 || code == Z_BUF_ERROR)
    return failure{ec::file_error,
                   fmt::format("{}: after line {}: {}; the file is damaged or "
                               "cut off, copy it again",
                               file_.string(), number_,
                               code == Z_ERRNO ? std::strerror(errno) : text)};
  begin_ = 0;
  end_ = static_cast<size_t>(got);
  bytes_ += end_;
  if (bytes_ > opts_.bytes_max)
    return failure{ec::limit_reached,
                   fmt::format("{}: after line {}: unpacks to more than {} "
                               "bytes; raise bytes_max if you trust it",
                               file_.string(), number_, opts_.bytes_max)};
  return got > 0;
}

result<bool> text_lines::next(std::string& target) {
  target.clear();
  for (;;) {
    if (begin_ == end_) {
      auto more = refill();
      if (!more)
        return more.error();
      if (!*more) {
        if (target.empty())
          return false;
        ++number_; // the last line needs no end
        return true;
      }
    }
    const auto rest = std::string_view{buffer_.data() + begin_, end_ - begin_};
    const auto line_end = rest.find('\n');
    const auto size = std::min(line_end, rest.size());
    if (target.size() + size >= opts_.line_max)
      return failure{ec::limit_reached,
                     fmt::format("{}:{}: the line is longer than {} bytes",
                                 file_.string(), number_ + 1, opts_.line_max)};
    target.append(rest.substr(0, size));
    if (line_end == std::string_view::npos) {
      begin_ = end_;
      continue;
    }
    begin_ += size + 1;
    ++number_;
    return true;
  }
}

} // namespace starling::experiment
