#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/io/network/default_multiplexer.hpp>

namespace starling::event_loop {

/// Is told what one file descriptor is ready for. All calls come from the event
/// loop, between two messages of the actor that owns the descriptor.
class fd_owner {
public:
  virtual ~fd_owner() = default;

  /// There is something to read, or the other side has ended.
  virtual void fd_readable() = 0;

  /// There is room to write, or connecting has come to an end.
  virtual void fd_writable() = 0;

  /// The descriptor is broken; the loop no longer watches it.
  virtual void fd_failed() = 0;
};

/// A file descriptor in the event loop of CAF's middleman, for brokers that
/// read and write themselves.
///
/// Why not CAF's scribes: they register for write events before each write,
/// three system calls where one does, and fill their read buffer with zeros
/// before each read. They also connect while everything else waits.
///
/// All functions must run on the loop's thread; an actor that was never asked
/// to read or write may be destroyed anywhere.
class fd_watch {
public:
  fd_watch() = default;

  /// Takes ownership of `fd` and makes it non-blocking. `self` is the actor
  /// that `owner` is part of: it stays alive while the loop may call it.
  fd_watch(caf::io::network::default_multiplexer& loop, int fd, fd_owner& owner,
           caf::actor_control_block* self);

  fd_watch(fd_watch&& other) noexcept;
  fd_watch& operator=(fd_watch&& other) noexcept;

  ~fd_watch();

  /// Watches for input, or stops doing so.
  void want_read(bool on);

  /// Watches for room to write, or stops doing so.
  void want_write(bool on);

  /// Closes the descriptor, at the latest at the end of this round of the loop.
  /// The owner is not called any more.
  void close();

  /// @pre it is open.
  [[nodiscard]] int fd() const;

  [[nodiscard]] bool open() const {
    return handler_ != nullptr;
  }

private:
  class handler;

  handler* handler_ = nullptr;
};

/// Returns the loop that watches descriptors, null if the actor system has no
/// middleman or one without sockets (tests, simulation).
caf::io::network::default_multiplexer* loop_of(caf::actor_system& system);

} // namespace starling::event_loop
