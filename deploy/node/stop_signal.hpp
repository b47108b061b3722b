#pragma once

#include "runtime/result.hpp"

#include <chrono>
#include <memory>

namespace starling::deploy {

/// Waits for the wish to end this process: SIGTERM, SIGINT, or a call of
/// `request`. Takes the signals over for the whole process, so it has to be
/// made before any thread is.
class stop_signal {
public:
  /// Errors: file_error (the kernel gives no descriptors).
  static result<std::unique_ptr<stop_signal>> make();

  ~stop_signal();

  stop_signal(const stop_signal&) = delete;
  stop_signal& operator=(const stop_signal&) = delete;

  /// Waits. Returns "SIGTERM", "SIGINT" or "request".
  const char* wait();

  /// From any thread.
  void request();

private:
  stop_signal(int signals, int requests)
    : signals_{signals},
      requests_{requests} {
    // nop
  }

  int signals_;
  int requests_;
};

} // namespace starling::deploy
