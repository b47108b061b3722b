#include "deploy/consensus/commanded_child.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace starling::deploy {

namespace {

/// Reads lines from a descriptor that it does not own.
std::optional<std::string> read_line(int fd, std::string& pending) {
  for (;;) {
    if (const auto end = pending.find('\n'); end != std::string::npos) {
      auto line = pending.substr(0, end);
      pending.erase(0, end + 1);
      return line;
    }
    auto part = std::array<char, 512>{};
    const auto count = ::read(fd, part.data(), part.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return std::nullopt;
    pending.append(part.data(), static_cast<size_t>(count));
  }
}

} // namespace

result<commanded_child> commanded_child::start(task_fun task) {
  auto ends = std::array{-1, -1};
  if (::pipe(ends.data()) != 0)
    return failure{ec::limit_reached,
                   "no pipe to a process: " + event_loop::errno_text(errno)};
  auto input = event_loop::unique_fd{ends[0]};
  auto output = event_loop::unique_fd{ends[1]};
  auto child = child_process::start(
    [task = std::move(task), &input, &output](const auto& say) {
      // Else it would hear of no end.
      output = event_loop::unique_fd{};
      auto pending = std::string{};
      task(say, [&] { return read_line(input.get(), pending); });
    });
  if (!child)
    return child.error();
  return commanded_child{std::move(*child), std::move(output)};
}

result<void> commanded_child::tell(const std::string& command) {
  const auto line = command + "\n";
  if (::write(output_.get(), line.data(), line.size())
      != static_cast<ssize_t>(line.size()))
    return failure{ec::connection_closed, "a measuring process ended"};
  return {};
}

} // namespace starling::deploy
