#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace starling::resources {

/// What the process uses, at one moment.
struct usage {
  /// Processor time since the process began, all threads together.
  std::chrono::nanoseconds cpu_time{0};
  /// Resident memory, bytes.
  uint64_t memory = 0;
  /// Bytes of all files under state_dir.
  uint64_t storage = 0;
};

enum class resource : uint8_t { cpu, memory, storage };

[[nodiscard]] const char* to_string(resource x);

/// Judges what the process uses against what it may use.
///
/// Each threshold has a lower one at which it counts as kept again, so that a
/// figure that hovers around a limit does not change the verdict with each
/// sample. The processor share is an average over a sliding window: work comes
/// in bursts, and a burst is no reason to refuse anybody. Memory and storage
/// are what they are now.
///
/// The caller brings the time and the figures.
class resource_governor {
public:
  using clock = std::chrono::steady_clock;

  struct options {
    /// Share of all processors, (0, 1].
    double cpu = 0.5;
    unsigned processors = 1;
    /// Bytes.
    uint64_t memory = 1'000'000'000;
    uint64_t storage = 10'000'000'000;
    /// Over which the processor share is averaged.
    std::chrono::nanoseconds window = std::chrono::seconds{10};
    /// Samples kept; of more frequent ones the oldest go first.
    size_t samples_max = 64;
    /// Share of the memory above which nothing new is taken in.
    double memory_high = 0.85;
    /// Distance from a threshold, as a share of the limit, below which it
    /// counts as kept again.
    double slack = 0.05;
  };

  /// A limit was exceeded, or is kept again.
  struct crossing {
    resource what = resource::cpu;
    bool exceeded = false;
  };

  struct verdict {
    /// Share of all processors over the window; 0 until there are two samples.
    double cpu_share = 0.0;
    uint64_t memory = 0;
    uint64_t storage = 0;
    /// Above the share.
    bool cpu_exceeded = false;
    /// Above `memory_high` of the limit, and above the limit.
    bool memory_high = false;
    bool memory_exceeded = false;
    bool storage_exceeded = false;
    /// What has changed with this sample: for the CPU, for memory at
    /// `memory_high` and for storage.
    std::vector<crossing> crossings = {};
  };

  /// @pre the options are within their ranges.
  explicit resource_governor(const options& opts);

  /// Takes a sample. @pre `now` is after that of the sample before.
  verdict take(const usage& sample, clock::time_point now);

private:
  struct point {
    clock::time_point when;
    std::chrono::nanoseconds cpu_time;
  };

  [[nodiscard]] double share(const usage& sample, clock::time_point now);

  options opts_;
  std::deque<point> points_;
  verdict last_;
};

} // namespace starling::resources
