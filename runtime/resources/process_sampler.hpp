#pragma once

#include "runtime/resources/resource_governor.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace starling::resources {

/// Reads the resident pages out of /proc/self/statm; nothing if it is not such
/// a text. Source: proc_pid_statm(5).
[[nodiscard]] std::optional<uint64_t> resident_pages(std::string_view statm);

/// Returns the bytes of all regular files below a folder, by their length; what
/// can't be read counts as nothing. Links are not followed. Looks at
/// `files_max` files at most.
[[nodiscard]] uint64_t bytes_below(const std::filesystem::path& folder,
                                   size_t files_max = 100'000);

/// Measures this process, and a folder every now and then: reading a folder
/// takes about a microsecond a file.
class process_sampler {
public:
  /// An empty folder is not measured. Each `storage_every`th sample measures
  /// it, the first one included.
  explicit process_sampler(std::filesystem::path folder,
                           unsigned storage_every = 10);

  usage operator()();

private:
  std::filesystem::path folder_;
  unsigned storage_every_;
  unsigned samples_ = 0;
  uint64_t storage_ = 0;
};

} // namespace starling::resources
