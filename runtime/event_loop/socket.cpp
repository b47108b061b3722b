#include "runtime/event_loop/socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace starling::event_loop {

namespace {

socket_address make_v4(const in_addr& host, uint16_t port) {
  auto in = sockaddr_in{};
  in.sin_family = AF_INET;
  in.sin_addr = host;
  in.sin_port = htons(port);
  auto result = socket_address{};
  std::memcpy(&result.storage, &in, sizeof(in));
  result.size = sizeof(in);
  return result;
}

socket_address make_v6(const in6_addr& host, uint16_t port) {
  auto in = sockaddr_in6{};
  in.sin6_family = AF_INET6;
  in.sin6_addr = host;
  in.sin6_port = htons(port);
  auto result = socket_address{};
  std::memcpy(&result.storage, &in, sizeof(in));
  result.size = sizeof(in);
  return result;
}

const sockaddr* raw(const socket_address& address) {
  return reinterpret_cast<const sockaddr*>(&address.storage);
}

failure unreachable(const socket_address& address, const char* action,
                    int error) {
  return {ec::unreachable, fmt::format("cannot {} {}: {}", action,
                                       to_string(address), errno_text(error))};
}

unique_fd new_tcp_socket(const socket_address& address) {
  return unique_fd{::socket(address.storage.ss_family,
                            SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

bool would_block(int error) {
  return error == EAGAIN;
}

} // namespace

unique_fd::~unique_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

result<socket_address> numeric_address(const std::string& host, uint16_t port) {
  // RFC 6761, section 6.3: this name needs no name server.
  const auto* text = host == "localhost" ? "127.0.0.1" : host.c_str();
  auto v4 = in_addr{};
  if (::inet_pton(AF_INET, text, &v4) == 1)
    return make_v4(v4, port);
  auto v6 = in6_addr{};
  if (::inet_pton(AF_INET6, text, &v6) == 1)
    return make_v6(v6, port);
  return failure{ec::unknown_name,
                 "'" + host + "' is neither an IPv4 nor an IPv6 address"};
}

result<std::vector<socket_address>>
look_up(const std::string& host, uint16_t port, size_t addresses_max) {
  if (auto known = numeric_address(host, port))
    return std::vector{*known};
  auto hints = addrinfo{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const auto status = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (status != 0)
    return failure{ec::unreachable, fmt::format("cannot find host '{}': {}",
                                                host, ::gai_strerror(status))};
  const auto guard = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>{
    list, &::freeaddrinfo};
  auto result = std::vector<socket_address>{};
  for (const auto* item = list; item && result.size() < addresses_max;
       item = item->ai_next) {
    auto found = socket_address{};
    std::memcpy(&found.storage, item->ai_addr, item->ai_addrlen);
    found.size = item->ai_addrlen;
    const auto family = found.storage.ss_family;
    if (family == AF_INET)
      reinterpret_cast<sockaddr_in*>(&found.storage)->sin_port = htons(port);
    else if (family == AF_INET6)
      reinterpret_cast<sockaddr_in6*>(&found.storage)->sin6_port = htons(port);
    else
      continue;
    result.push_back(found);
  }
  if (result.empty())
    return failure{ec::unreachable,
                   fmt::format("host '{}' has no IP address", host)};
  return result;
}

std::string to_string(const socket_address& address) {
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getnameinfo(raw(address), address.size, host, sizeof(host), port,
                    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV)
      != 0)
    return "(no address)";
  return address.storage.ss_family == AF_INET6
           ? fmt::format("[{}]:{}", host, port)
           : fmt::format("{}:{}", host, port);
}

result<unique_fd> listen_tcp_socket(const socket_address& address,
                                    int backlog) {
  auto fd = new_tcp_socket(address);
  if (!fd)
    return unreachable(address, "open a socket for", errno);
  // A node that restarts takes its port back at once.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd.get(), raw(address), address.size) != 0)
    return unreachable(address, "bind", errno);
  if (::listen(fd.get(), backlog) != 0)
    return unreachable(address, "listen on", errno);
  return fd;
}

result<unique_fd> begin_tcp_connect(const socket_address& address) {
  auto fd = new_tcp_socket(address);
  if (!fd)
    return unreachable(address, "open a socket for", errno);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(fd.get(), raw(address), address.size) != 0
      && errno != EINPROGRESS)
    return unreachable(address, "connect to", errno);
  return fd;
}

result<void> connect_outcome(int fd, const socket_address& address) {
  auto error = int{0};
  auto size = socklen_t{sizeof(error)};
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    error = errno;
  if (error != 0)
    return unreachable(address, "connect to", error);
  return {};
}

io_outcome read_socket(int fd, std::span<std::byte> target) {
  using enum io_outcome::status;
  auto got = ssize_t{0};
  do
    got = ::recv(fd, target.data(), target.size(), 0);
  while (got < 0 && errno == EINTR);
  if (got > 0)
    return {moved, static_cast<size_t>(got), 0};
  if (got == 0)
    return {ended, 0, 0};
  return would_block(errno) ? io_outcome{} : io_outcome{broken, 0, errno};
}

io_outcome write_socket(int fd, std::span<iovec> pieces) {
  using enum io_outcome::status;
  auto what = msghdr{};
  what.msg_iov = pieces.data();
  what.msg_iovlen = pieces.size();
  auto sent = ssize_t{0};
  do
    sent = ::sendmsg(fd, &what, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0)
    return {moved, static_cast<size_t>(sent), 0};
  return would_block(errno) ? io_outcome{} : io_outcome{broken, 0, errno};
}

void end_output(int fd) {
  ::shutdown(fd, SHUT_WR);
}

result<socket_address> remote_address(int fd) {
  auto found = socket_address{};
  found.size = sizeof(found.storage);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&found.storage),
                    &found.size)
      != 0)
    return failure{ec::wrong_state,
                   "the socket is not connected: " + errno_text(errno)};
  return found;
}

result<socket_address> local_address(int fd) {
  auto found = socket_address{};
  found.size = sizeof(found.storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&found.storage),
                    &found.size)
      != 0)
    return failure{ec::wrong_state,
                   "the socket has no address: " + errno_text(errno)};
  return found;
}

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

} // namespace starling::event_loop
