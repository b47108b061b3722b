#pragma once

#include "runtime/result.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace starling::event_loop {

/// Owns a file descriptor.
class unique_fd {
public:
  unique_fd() = default;

  explicit unique_fd(int fd) : fd_{fd} {
    // nop
  }

  unique_fd(unique_fd&& other) noexcept : fd_{other.release()} {
    // nop
  }

  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~unique_fd();

  /// Returns -1 if there is none.
  [[nodiscard]] int get() const {
    return fd_;
  }

  [[nodiscard]] int release() {
    return std::exchange(fd_, -1);
  }

  explicit operator bool() const {
    return fd_ >= 0;
  }

private:
  int fd_ = -1;
};

/// An IPv4 or IPv6 address with a port.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// Reads "127.0.0.1", "::1" (without brackets) or "localhost"; asks no name
/// server. Errors: unknown_name, the text is no address and needs `look_up`.
[[nodiscard]] result<socket_address> numeric_address(const std::string& host,
                                                     uint16_t port);

/// Asks the system's resolver for the addresses of a host, in the order to try
/// them, `addresses_max` at most. Blocks, for seconds if name servers are out
/// of reach: not for the event loop. Errors: unreachable.
[[nodiscard]] result<std::vector<socket_address>>
look_up(const std::string& host, uint16_t port, size_t addresses_max = 8);

/// Returns "127.0.0.1:4711" or "[::1]:4711".
[[nodiscard]] std::string to_string(const socket_address& address);

/// Returns a TCP socket that listens, non-blocking. Port 0 takes any free one.
/// Errors: unreachable, with the system's reason.
[[nodiscard]] result<unique_fd> listen_tcp_socket(const socket_address& address,
                                                  int backlog);

/// Begins to connect without waiting for the outcome: the socket becomes
/// writable when there is one, see `connect_outcome`. Errors: unreachable.
[[nodiscard]] result<unique_fd>
begin_tcp_connect(const socket_address& address);

/// Returns how connecting went. Errors: unreachable.
[[nodiscard]] result<void> connect_outcome(int fd,
                                           const socket_address& address);

/// How a read or a write on a non-blocking socket went.
struct io_outcome {
  enum class status : uint8_t {
    /// `bytes` is at least one.
    moved,
    /// Try again when the socket is ready.
    blocked,
    /// The other side sends nothing more.
    ended,
    /// `error` is the system's number.
    broken,
  };

  status what = status::blocked;
  size_t bytes = 0;
  int error = 0;
};

/// Reads what is there, up to the size of `target`.
[[nodiscard]] io_outcome read_socket(int fd, std::span<std::byte> target);

/// Writes as much as the socket takes. @pre `pieces` holds at least one byte.
[[nodiscard]] io_outcome write_socket(int fd, std::span<iovec> pieces);

/// Sends the end of the stream; reading goes on.
void end_output(int fd);

/// Returns the address of the other side. Errors: wrong_state.
[[nodiscard]] result<socket_address> remote_address(int fd);

/// Returns the address that the socket is bound to. Errors: wrong_state.
[[nodiscard]] result<socket_address> local_address(int fd);

/// Returns the system's text on an error number.
[[nodiscard]] std::string errno_text(int error);

} // namespace starling::event_loop
