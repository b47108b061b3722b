#pragma once

#include "runtime/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace starling::resources {

/// Has the kernel hold a process to its limits, where it has been given a
/// control group of its own to do with as it likes ("delegated": systemd's
/// Delegate=yes, or a container that says so). Nowhere else: limits on a group
/// that others live in, too, would be limits on them.
///
/// The process moves into a group below its own one, as a group's limits are
/// its parent's to set.
///
/// Source: Linux, Documentation/admin-guide/cgroup-v2.rst, "Delegation";
/// systemd, docs/CGROUP_DELEGATION.md.
struct cgroup_limits {
  /// Share of all processors, (0, 1].
  double cpu = 0.5;
  unsigned processors = 1;
  /// Bytes from which on the kernel slows the process down and takes back what
  /// it can.
  uint64_t memory = 1'000'000'000;
};

/// Where things lie; a test has its own.
struct cgroup_places {
  std::filesystem::path own = "/proc/self/cgroup";
  std::filesystem::path mount = "/sys/fs/cgroup";
  /// Does whoever made that group leave it to the process?
  std::function<bool(const std::filesystem::path&)> is_delegated;
  int64_t pid = 0;
};

/// The machine's.
[[nodiscard]] cgroup_places own_cgroup();

/// Sets cpu.max and memory.high; returns the group in which they hold. Errors:
/// wrong_state (no control groups of version 2, or others live in this one),
/// permission_denied (not delegated), file_error (the kernel refuses); then the
/// process is where it was.
result<std::filesystem::path> confine(const cgroup_limits& limits,
                                      const cgroup_places& places);

} // namespace starling::resources
