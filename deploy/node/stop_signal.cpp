#include "deploy/node/stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>

namespace starling::deploy {

result<std::unique_ptr<stop_signal>> stop_signal::make() {
  auto set = sigset_t{};
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  // Threads inherit the mask, so the signals come out of the descriptor only.
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const auto signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  const auto requests = ::eventfd(0, EFD_CLOEXEC);
  if (signals < 0 || requests < 0)
    return failure{ec::file_error, "no descriptor left to wait for signals"};
  return std::unique_ptr<stop_signal>{new stop_signal{signals, requests}};
}

stop_signal::~stop_signal() {
  ::close(signals_);
  ::close(requests_);
}

const char* stop_signal::wait() {
  auto waiting
    = std::array{pollfd{signals_, POLLIN, 0}, pollfd{requests_, POLLIN, 0}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0) {
    // Interrupted: wait again.
  }
  if ((waiting[0].revents & POLLIN) == 0)
    return "request";
  auto info = signalfd_siginfo{};
  if (::read(signals_, &info, sizeof(info)) != sizeof(info))
    return "request";
  return info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
}

void stop_signal::request() {
  const auto one = uint64_t{1};
  [[maybe_unused]] const auto written = ::write(requests_, &one, sizeof(one));
}

} // namespace starling::deploy
