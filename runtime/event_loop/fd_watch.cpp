#include "runtime/event_loop/fd_watch.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/event_handler.hpp>
#include <sys/epoll.h>

#include <cassert>
#include <utility>

namespace starling::event_loop {

using caf::io::network::operation;

/// What the loop knows. It can outlive its `fd_watch` until the end of the
/// loop's round, since the loop holds plain pointers to it.
class fd_watch::handler : public caf::io::network::event_handler {
public:
  handler(caf::io::network::default_multiplexer& loop, int fd, fd_owner& owner,
          caf::actor_control_block* self)
    : event_handler(loop, fd),
      owner_{&owner},
      self_{self} {
    // nop
  }

  void want(operation op, bool on) {
    if (wants(op) == on)
      return;
    wants(op) = on;
    if (on) {
      if (!keep_)
        keep_.reset(self_);
      backend().add(op, fd(), this);
    } else {
      backend().del(op, fd(), this);
      release_if_idle();
    }
  }

  /// Leaves the loop, then deletes this.
  void shut() {
    owner_ = nullptr;
    // The loop confirms the removal of each kind of event it has been watching
    // for; requests that it has not seen yet just cancel out.
    unconfirmed_ = watched(EPOLLIN) + watched(EPOLLOUT);
    const auto gone = unconfirmed_ == 0;
    if (!gone || wants_read_)
      backend().del(operation::read, fd(), this);
    if (!gone || wants_write_)
      backend().del(operation::write, fd(), this);
    if (gone)
      delete this;
  }

  void handle_event(operation op) override {
    // Events of one round are all collected before the first is handled, so
    // this one may belong to a descriptor that has been given up since.
    if (!owner_)
      return;
    if (op == operation::read) {
      if (wants_read_)
        owner_->fd_readable();
    } else if (op == operation::write) {
      if (wants_write_)
        owner_->fd_writable();
    } else {
      // The loop stops watching by itself.
      wants_read_ = wants_write_ = false;
      owner_->fd_failed();
    }
  }

  void removed_from_loop(operation) override {
    if (owner_)
      release_if_idle();
    else if (--unconfirmed_ == 0)
      delete this;
  }

  void graceful_shutdown() override {
    // nop
  }

  ~handler() override {
    release();
  }

private:
  bool& wants(operation op) {
    return op == operation::read ? wants_read_ : wants_write_;
  }

  // CAF's own names for the two masks are not exported from its library.
  [[nodiscard]] int watched(int mask) const {
    return (eventbf() & mask) != 0 ? 1 : 0;
  }

  void release_if_idle() {
    if (!wants_read_ && !wants_write_ && eventbf() == 0)
      release();
  }

  /// Lets go of the actor, but not now: its destructor may change what the loop
  /// watches, and the loop may be walking through exactly that.
  void release() {
    if (keep_)
      backend().post([kept = std::move(keep_)] {});
    keep_ = nullptr;
  }

  fd_owner* owner_;
  caf::actor_control_block* self_;
  caf::strong_actor_ptr keep_;
  bool wants_read_ = false;
  bool wants_write_ = false;
  int unconfirmed_ = 0;
};

fd_watch::fd_watch(caf::io::network::default_multiplexer& loop, int fd,
                   fd_owner& owner, caf::actor_control_block* self)
  : handler_{new handler{loop, fd, owner, self}} {
  // nop
}

fd_watch::fd_watch(fd_watch&& other) noexcept
  : handler_{std::exchange(other.handler_, nullptr)} {
  // nop
}

fd_watch& fd_watch::operator=(fd_watch&& other) noexcept {
  if (this != &other) {
    close();
    handler_ = std::exchange(other.handler_, nullptr);
  }
  return *this;
}

fd_watch::~fd_watch() {
  close();
}

void fd_watch::want_read(bool on) {
  if (handler_)
    handler_->want(operation::read, on);
}

void fd_watch::want_write(bool on) {
  if (handler_)
    handler_->want(operation::write, on);
}

void fd_watch::close() {
  if (auto* closed = std::exchange(handler_, nullptr))
    closed->shut();
}

int fd_watch::fd() const {
  assert(handler_);
  return handler_->fd();
}

caf::io::network::default_multiplexer* loop_of(caf::actor_system& system) {
  if (!system.has_middleman())
    return nullptr;
  return dynamic_cast<caf::io::network::default_multiplexer*>(
    &system.middleman().backend());
}

} // namespace starling::event_loop
