#pragma once

#include <sys/resource.h>

#include <chrono>

namespace starling::test {

/// Processor time of this process so far. For figures that people read; a test
/// that fails by it fails by its neighbours on the machine.
inline std::chrono::duration<double, std::milli> cpu_time() {
  auto used = rusage{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& x) {
    return std::chrono::seconds{x.tv_sec}
           + std::chrono::microseconds{x.tv_usec};
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

} // namespace starling::test
