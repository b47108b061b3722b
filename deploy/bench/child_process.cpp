#include "deploy/bench/child_process.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <utility>

namespace starling::deploy {

namespace {

using event_loop::unique_fd;

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR)
      continue;
    // Nobody listens any more.
    if (count <= 0)
      _exit(1);
    text.remove_prefix(static_cast<size_t>(count));
  }
}

[[noreturn]] void run(const std::function<void(child_process::say_fun)>& task,
                      int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    _exit(1);
  task([output](const std::string& text) { write_all(output, text); });
  std::fflush(nullptr);
  _exit(0);
}

} // namespace

result<child_process> child_process::start(std::function<void(say_fun)> task) {
  auto ends = std::array{-1, -1};
  if (::pipe(ends.data()) != 0)
    return failure{ec::limit_reached,
                   "no pipe to a process: " + event_loop::errno_text(errno)};
  auto input = unique_fd{ends[0]};
  auto output = unique_fd{ends[1]};
  // Or both processes would print what waits.
  std::fflush(nullptr);
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid < 0)
    return failure{ec::limit_reached,
                   "no process: " + event_loop::errno_text(errno)};
  if (pid == 0)
    run(task, output.get(), parent);
  auto made = child_process{};
  made.pid_ = pid;
  made.input_ = std::move(input);
  return made;
}

child_process::child_process(child_process&& other) noexcept
  : pid_{std::exchange(other.pid_, -1)},
    input_{std::move(other.input_)},
    pending_{std::move(other.pending_)} {
  // nop
}

child_process& child_process::operator=(child_process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(input_, other.input_);
  std::swap(pending_, other.pending_);
  return *this;
}

child_process::~child_process() {
  stop();
}

result<std::string>
child_process::next_line(std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    if (auto end = pending_.find('\n'); end != pending_.npos) {
      auto line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
    auto watched = pollfd{input_.get(), POLLIN, 0};
    const auto ready = ::poll(
      &watched, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready == 0)
      return failure{ec::timed_out, "a measurement took too long"};
    auto part = std::array<char, 4096>{};
    const auto count = ::read(input_.get(), part.data(), part.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return failure{ec::connection_closed, "a measuring process ended"};
    pending_.append(part.data(), static_cast<size_t>(count));
  }
}

void child_process::stop() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

size_t thread_count() {
  auto tasks = std::filesystem::directory_iterator{"/proc/self/task"};
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

result<void> bind_to_processor(unsigned cpu) {
  auto set = cpu_set_t{};
  CPU_ZERO(&set);
  if (cpu < CPU_SETSIZE)
    CPU_SET(cpu, &set);
  if (::sched_setaffinity(0, sizeof(set), &set) != 0)
    return failure{
      ec::invalid_option,
      fmt::format("--pin {}: {}", cpu, event_loop::errno_text(errno))};
  return {};
}

} // namespace starling::deploy
