#pragma once

#include <algorithm>
#include <chrono>

namespace starling::link {

/// How long to wait for an acknowledgement before taking it for lost.
///
/// Source: RFC 6298, section 2; the lower bound is an option, since 1 s (rule
/// 2.4) is far too long between nodes that are milliseconds apart.
class rtt_estimator {
public:
  using duration = std::chrono::nanoseconds;

  struct options {
    /// Before the first sample.
    duration rto_initial = std::chrono::seconds{1};
    duration rto_min = std::chrono::milliseconds{100};
    /// Above it, a path that works again would go unnoticed for too long.
    duration rto_max = std::chrono::seconds{3};
  };

  explicit rtt_estimator(const options& opts) : opts_{opts} {
    // nop
  }

  void sample(duration rtt) {
    if (!known_) {
      smoothed_ = rtt;
      variation_ = rtt / 2;
      known_ = true;
    } else {
      const auto error = smoothed_ > rtt ? smoothed_ - rtt : rtt - smoothed_;
      variation_ = (3 * variation_ + error) / 4;
      smoothed_ = (7 * smoothed_ + rtt) / 8;
    }
  }

  /// Forgets all: the path is another one now.
  void reset() {
    known_ = false;
  }

  [[nodiscard]] duration timeout() const {
    if (!known_)
      return std::min(opts_.rto_initial, opts_.rto_max);
    return std::clamp(smoothed_ + 4 * variation_, opts_.rto_min, opts_.rto_max);
  }

  /// Zero before the first sample.
  [[nodiscard]] duration smoothed() const {
    return known_ ? smoothed_ : duration{0};
  }

private:
  options opts_;
  bool known_ = false;
  duration smoothed_{0};
  duration variation_{0};
};

} // namespace starling::link
