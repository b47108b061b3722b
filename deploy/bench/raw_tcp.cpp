#include "deploy/bench/raw_tcp.hpp"

#include "deploy/bench/child_process.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace starling::deploy {

namespace {

using event_loop::unique_fd;

/// What the other process is asked for.
struct order {
  uint64_t echo = 0;
  uint64_t payload = 0;
  uint64_t count = 0;
};

bool read_all(int fd, char* to, size_t size) {
  while (size > 0) {
    const auto count = ::read(fd, to, size);
    if (count <= 0)
      return false;
    to += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool write_all(int fd, const char* from, size_t size) {
  while (size > 0) {
    const auto count = ::send(fd, from, size, MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    from += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

void send_at_once(int fd) {
  const auto on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

bool echo(int fd, const order& what) {
  auto buffer = std::vector<char>(what.payload);
  for (auto i = uint64_t{0}; i < what.count; ++i)
    if (!read_all(fd, buffer.data(), buffer.size())
        || !write_all(fd, buffer.data(), buffer.size()))
      return false;
  return true;
}

bool drain(int fd, const order& what) {
  auto buffer = std::vector<char>(size_t{1} << 20);
  auto left = what.payload * what.count;
  while (left > 0) {
    const auto count
      = ::read(fd, buffer.data(), std::min<uint64_t>(left, buffer.size()));
    if (count <= 0)
      return false;
    left -= static_cast<uint64_t>(count);
  }
  return write_all(fd, "k", 1);
}

void serve(int listener) {
  const auto socket = unique_fd{::accept(listener, nullptr, nullptr)};
  send_at_once(socket.get());
  auto what = order{};
  while (read_all(socket.get(), reinterpret_cast<char*>(&what), sizeof(what)))
    if (!(what.echo != 0 ? echo(socket.get(), what)
                         : drain(socket.get(), what)))
      return;
}

bool begin(int fd, const order& what) {
  return write_all(fd, reinterpret_cast<const char*>(&what), sizeof(what));
}

std::vector<figure> round_trips(int fd, const bench_plan& plan,
                                const bench_plan::messages& size) {
  auto buffer = std::vector<char>(size.payload, 'x');
  auto samples = std::vector<uint64_t>{};
  const auto count = plan.warm_up + size.round_trips;
  if (!begin(fd, {1, size.payload, count}))
    return {};
  for (auto i = size_t{0}; i < count; ++i) {
    const auto sent = now_ns();
    if (!write_all(fd, buffer.data(), buffer.size())
        || !read_all(fd, buffer.data(), buffer.size()))
      return {};
    if (i >= plan.warm_up)
      samples.push_back(now_ns() - sent);
  }
  return latency_figures("round-trip", "raw TCP", size.payload,
                         std::move(samples));
}

std::vector<figure> one_way(int fd, const bench_plan::messages& size) {
  const auto buffer = std::vector<char>(size.payload, 'x');
  const auto started = now_ns();
  if (!begin(fd, {0, size.payload, size.one_way}))
    return {};
  for (auto i = size_t{0}; i < size.one_way; ++i)
    if (!write_all(fd, buffer.data(), buffer.size()))
      return {};
  auto done = char{};
  if (!read_all(fd, &done, 1))
    return {};
  return rate_figures("one-way", "raw TCP", size.payload, size.one_way,
                      now_ns() - started);
}

} // namespace

result<std::vector<figure>> measure_raw_tcp(const bench_plan& plan) {
  const auto refused = [] {
    return failure{ec::unreachable,
                   "loopback TCP: " + event_loop::errno_text(errno)};
  };
  auto where = event_loop::numeric_address("127.0.0.1", 0);
  if (!where)
    return where.error();
  auto listener = unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
  auto* address = reinterpret_cast<sockaddr*>(&where->storage);
  if (::bind(listener.get(), address, where->size) != 0
      || ::listen(listener.get(), 1) != 0
      || ::getsockname(listener.get(), address, &where->size) != 0)
    return refused();
  auto server
    = child_process::start([&](const auto&) { serve(listener.get()); });
  if (!server)
    return server.error();
  auto socket = unique_fd{::socket(AF_INET, SOCK_STREAM, 0)};
  if (::connect(socket.get(), address, where->size) != 0)
    return refused();
  send_at_once(socket.get());
  auto result = std::vector<figure>{};
  const auto add = [&result](std::vector<figure> found) {
    std::move(found.begin(), found.end(), std::back_inserter(result));
  };
  for (const auto& size : plan.sizes)
    add(round_trips(socket.get(), plan, size));
  for (const auto& size : plan.sizes)
    add(one_way(socket.get(), size));
  if (result.empty())
    return refused();
  return result;
}

} // namespace starling::deploy
