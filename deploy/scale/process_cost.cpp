#include "deploy/scale/process_cost.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace starling::deploy {

namespace {

double seconds_of(const timeval& x) {
  return static_cast<double>(x.tv_sec) + 1e-6 * static_cast<double>(x.tv_usec);
}

uint64_t resident_now() {
  auto in = std::ifstream{"/proc/self/statm"};
  auto all = uint64_t{0};
  auto resident = uint64_t{0};
  in >> all >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

process_cost process_cost::now() {
  auto used = rusage{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double>(since).count(),
          seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
          resident_now()};
}

process_cost operator-(const process_cost& x, const process_cost& y) {
  return {x.wall_s - y.wall_s, x.cpu_s - y.cpu_s,
          x.resident_bytes > y.resident_bytes
            ? x.resident_bytes - y.resident_bytes
            : 0};
}

double thread_cpu_s() {
  auto now = timespec{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec)
         + 1e-9 * static_cast<double>(now.tv_nsec);
}

void keep_to_processors(size_t count) {
  auto wanted = cpu_set_t{};
  if (count == 0 || ::sched_getaffinity(0, sizeof(wanted), &wanted) != 0)
    return;
  auto have = static_cast<size_t>(CPU_COUNT(&wanted));
  for (size_t i = 0; i < CPU_SETSIZE && have > count; ++i) {
    have -= CPU_ISSET(i, &wanted) ? 1 : 0;
    CPU_CLR(i, &wanted);
  }
  auto code = std::error_code{};
  for (const auto& task :
       std::filesystem::directory_iterator{"/proc/self/task", code}) {
    const auto name = task.path().filename().string();
    auto id = pid_t{0};
    std::from_chars(name.data(), name.data() + name.size(), id);
    if (id > 0)
      static_cast<void>(::sched_setaffinity(id, sizeof(wanted), &wanted));
  }
}

double generating_cost(const scale::population_plan& plan, size_t agents) {
  constexpr size_t rows = 100'000;
  auto whole = plan;
  whole.agents = agents;
  auto model = scale::behaviour_model{whole, 0};
  auto row = std::vector<double>(plan.features);
  const auto before = thread_cpu_s();
  for (size_t i = 0; i < rows; ++i)
    model.next(row);
  return (thread_cpu_s() - before) / static_cast<double>(rows);
}

} // namespace starling::deploy
