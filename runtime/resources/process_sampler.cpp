#include "runtime/resources/process_sampler.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace starling::resources {

namespace {

namespace fs = std::filesystem;

std::chrono::nanoseconds duration_of(const timeval& x) {
  return std::chrono::seconds{x.tv_sec} + std::chrono::microseconds{x.tv_usec};
}

std::chrono::nanoseconds own_cpu_time() {
  auto used = rusage{};
  if (::getrusage(RUSAGE_SELF, &used) != 0)
    return {};
  return duration_of(used.ru_utime) + duration_of(used.ru_stime);
}

uint64_t own_memory() {
  auto in = std::ifstream{"/proc/self/statm"};
  auto line = std::string{};
  std::getline(in, line);
  const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  return resident_pages(line).value_or(0) * page;
}

} // namespace

std::optional<uint64_t> resident_pages(std::string_view statm) {
  const auto begin = statm.find(' ');
  if (begin == std::string_view::npos)
    return std::nullopt;
  const auto rest = statm.substr(begin + 1);
  auto result = uint64_t{0};
  const auto [end, failed]
    = std::from_chars(rest.data(), rest.data() + rest.size(), result);
  if (failed != std::errc{} || end == rest.data())
    return std::nullopt;
  return result;
}

uint64_t bytes_below(const fs::path& folder, size_t files_max) {
  auto result = uint64_t{0};
  auto code = std::error_code{};
  auto each = fs::recursive_directory_iterator{
    folder, fs::directory_options::skip_permission_denied, code};
  for (size_t i = 0;
       !code && each != fs::recursive_directory_iterator{} && i < files_max;
       ++i) {
    // Files come and go while this looks at them.
    auto gone = std::error_code{};
    if (each->symlink_status(gone).type() == fs::file_type::regular && !gone) {
      const auto size = each->file_size(gone);
      result += gone ? 0 : size;
    }
    each.increment(code);
  }
  return result;
}

process_sampler::process_sampler(fs::path folder, unsigned storage_every)
  : folder_{std::move(folder)},
    storage_every_{storage_every} {
  // nop
}

usage process_sampler::operator()() {
  if (!folder_.empty() && samples_++ % storage_every_ == 0)
    storage_ = bytes_below(folder_);
  return {own_cpu_time(), own_memory(), storage_};
}

} // namespace starling::resources
