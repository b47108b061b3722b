#pragma once

#include <caf/actor_system.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/io/network/test_multiplexer.hpp>
#include <caf/resumable.hpp>

#include <deque>

namespace starling::test {

/// The event loop of a simulated node: runs brokers on the one thread there is.
///
/// CAF's testing backend looks at all sockets that a test may have faked, and
/// locks a mutex for each broker that gets its turn. A simulated node has no
/// sockets, its links are actors; so here is a queue and nothing else, and
/// whoever drives many nodes can ask each whether there is anything to do.
class virtual_loop : public caf::io::network::test_multiplexer {
public:
  explicit virtual_loop(caf::actor_system* system) : test_multiplexer{system} {
    // nop
  }

  ~virtual_loop() override {
    for (auto* left : waiting_)
      caf::intrusive_ptr_release(left);
  }

  [[nodiscard]] bool is_idle() const {
    return waiting_.empty();
  }

  bool try_run_once() override {
    if (waiting_.empty())
      return false;
    auto* next = waiting_.front();
    waiting_.pop_front();
    // One message a turn, as CAF's backend does it.
    switch (next->resume(this, 1)) {
      case caf::resumable::resume_later:
        waiting_.push_back(next);
        break;
      case caf::resumable::done:
      case caf::resumable::awaiting_message:
        caf::intrusive_ptr_release(next);
        break;
      default:
        break;
    }
    return true;
  }

protected:
  void exec_later(caf::resumable* what) override {
    if (what->subtype() == caf::resumable::io_actor
        || what->subtype() == caf::resumable::function_object)
      waiting_.push_back(what);
    else
      system().scheduler().enqueue(what);
  }

private:
  /// Each has a reference of its own.
  std::deque<caf::resumable*> waiting_;
};

} // namespace starling::test
