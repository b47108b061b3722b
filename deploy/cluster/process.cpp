#include "deploy/cluster/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <sstream>
#include <thread>

namespace starling::cluster {

namespace fs = std::filesystem;

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t ready_line_max = 4096;
/// How long a killed process may take to go.
constexpr auto kill_patience = milliseconds{5000};

/// The new process: everything here is async-signal-safe.
[[noreturn]] void become(const std::vector<char*>& arguments, int log) {
  ::setsid();
  const auto nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  auto none = sigset_t{};
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

/// What the kernel says of a process number.
struct process_state {
  uint64_t started = 0;
  /// It only waits to be collected.
  bool ended = false;
};

std::optional<process_state> process_state_of(pid_t pid) {
  if (pid <= 0)
    return std::nullopt;
  auto file = std::ifstream{fmt::format("/proc/{}/stat", pid)};
  auto line = std::string{};
  if (!std::getline(file, line))
    return std::nullopt;
  // The name of the program, in brackets, may hold anything.
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos)
    return std::nullopt;
  auto rest = std::istringstream{line.substr(name_end + 1)};
  auto state = process_state{};
  auto word = std::string{};
  // The state is field 3, the start time field 22.
  for (int number = 3; number <= 22; ++number) {
    if (!(rest >> word))
      return std::nullopt;
    if (number == 3)
      state.ended = word == "Z" || word == "X";
  }
  state.started = std::strtoull(word.c_str(), nullptr, 10);
  return state;
}

milliseconds left_until(steady::time_point end) {
  return std::max(milliseconds{0},
                  std::chrono::ceil<milliseconds>(end - steady::now()));
}

/// Collects the process if it is a child of this one.
void collect(pid_t pid) {
  auto status = 0;
  ::waitpid(pid, &status, WNOHANG);
}

bool wait_for_end(const std::vector<process>& all, milliseconds patience) {
  const auto end = steady::now() + patience;
  for (;;) {
    auto alive = false;
    for (const auto& x : all) {
      collect(x.pid);
      alive = alive || is_running(x);
    }
    if (!alive || steady::now() >= end)
      return !alive;
    std::this_thread::sleep_for(milliseconds{20});
  }
}

} // namespace

std::optional<uint64_t> start_time_of(pid_t pid) {
  const auto state = process_state_of(pid);
  return state ? std::optional{state->started} : std::nullopt;
}

bool is_running(const process& x) {
  const auto state = process_state_of(x.pid);
  return state && !state->ended && state->started == x.started;
}

result<launched> launch(std::vector<std::string> arguments,
                        const fs::path& log) {
  const auto out
    = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0)
    return failure{ec::file_error,
                   fmt::format("{}: {}", log.string(), std::strerror(errno))};
  auto ends = std::array<int, 2>{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    ::close(out);
    return failure{ec::file_error, "no pipe to be had"};
  }
  // A number of its own, which the new process keeps.
  const auto kept = ::fcntl(ends[1], F_DUPFD, 3);
  arguments.push_back("--ready-fd");
  arguments.push_back(std::to_string(kept));
  auto raw = std::vector<char*>{};
  for (auto& argument : arguments)
    raw.push_back(argument.data());
  raw.push_back(nullptr);
  const auto pid = ::fork();
  if (pid == 0)
    become(raw, out);
  ::close(out);
  ::close(ends[1]);
  ::close(kept);
  // It may have ended by now; that is for wait_until_ready to tell.
  const auto started = start_time_of(pid);
  if (!started) {
    ::close(ends[0]);
    return failure{ec::file_error,
                   fmt::format("{} can't be started", arguments.front())};
  }
  return launched{{pid, *started}, ends[0]};
}

result<std::string> wait_until_ready(const launched& x, milliseconds timeout) {
  const auto end = steady::now() + timeout;
  auto line = std::string{};
  auto buffer = std::array<char, 512>{};
  auto answer = [&]() -> result<std::string> {
    while (line.find('\n') == std::string::npos) {
      auto waiting = pollfd{x.ready_fd, POLLIN, 0};
      const auto count
        = ::poll(&waiting, 1, static_cast<int>(left_until(end).count()));
      if (count < 0 && errno == EINTR)
        continue;
      if (count <= 0)
        return failure{ec::timed_out, "it was not ready in time"};
      const auto size = ::read(x.ready_fd, buffer.data(), buffer.size());
      if (size <= 0) {
        // What it has to say about that may come after its descriptors went.
        wait_for_end({x.id}, std::min(left_until(end), kill_patience));
        return failure{ec::connection_closed, "it ended before it was ready"};
      }
      line.append(buffer.data(), static_cast<size_t>(size));
      if (line.size() > ready_line_max)
        return failure{ec::malformed_input, "it says too much"};
    }
    return line.substr(0, line.find('\n'));
  }();
  ::close(x.ready_fd);
  return answer;
}

std::vector<ending> end_processes(const std::vector<process>& all,
                                  milliseconds patience) {
  auto endings = std::vector<ending>(all.size(), ending::not_running);
  for (size_t i = 0; i < all.size(); ++i)
    if (is_running(all[i]) && ::kill(all[i].pid, SIGTERM) == 0)
      endings[i] = ending::terminated;
  if (wait_for_end(all, patience))
    return endings;
  for (size_t i = 0; i < all.size(); ++i)
    if (is_running(all[i]) && ::kill(all[i].pid, SIGKILL) == 0)
      endings[i] = ending::killed;
  wait_for_end(all, kill_patience);
  for (size_t i = 0; i < all.size(); ++i)
    if (is_running(all[i]))
      endings[i] = ending::alive;
  return endings;
}

std::string last_lines(const fs::path& file, size_t lines_max) {
  auto input = std::ifstream{file};
  auto kept = std::deque<std::string>{};
  for (auto line = std::string{}; std::getline(input, line);) {
    kept.push_back(line);
    if (kept.size() > lines_max)
      kept.pop_front();
  }
  auto text = std::string{};
  for (const auto& line : kept)
    text += "\n  " + line;
  return text;
}

} // namespace starling::cluster
