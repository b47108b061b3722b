#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace starling::metrics {

enum class kind : uint8_t { counter, gauge, histogram };

/// Where the numbers of one series lie. Shared by the registry and by the
/// instruments handed out; all access is atomic and never blocks.
struct cell {
  explicit cell(const std::vector<double>& upper_bounds)
    : bounds{upper_bounds},
      counts(upper_bounds.size() + 1) {
    // nop
  }

  /// A counter's or gauge's value, or the sum of a histogram's observations.
  std::atomic<double> value = 0.0;
  /// Upper bounds of a histogram's buckets, ascending; the last is +Inf and not
  /// listed.
  const std::vector<double> bounds;
  /// Observations of each bucket alone, not cumulative.
  std::vector<std::atomic<uint64_t>> counts;
};

/// Counts what happened: it never goes down.
class counter {
public:
  explicit counter(std::shared_ptr<cell> content)
    : content_{std::move(content)} {
    // nop
  }

  /// Adds `amount`; what is negative or not a number is ignored.
  void add(double amount = 1.0);

  [[nodiscard]] double value() const;

private:
  std::shared_ptr<cell> content_;
};

/// A value that goes up and down, such as bytes in a queue.
class gauge {
public:
  explicit gauge(std::shared_ptr<cell> content) : content_{std::move(content)} {
    // nop
  }

  void set(double value);
  void add(double amount);

  [[nodiscard]] double value() const;

private:
  std::shared_ptr<cell> content_;
};

/// How often values fell into which range, e.g. round trips in seconds.
class histogram {
public:
  explicit histogram(std::shared_ptr<cell> content)
    : content_{std::move(content)} {
    // nop
  }

  /// Notes one value; NaN is ignored. Time O(log buckets).
  void observe(double value);

  /// Returns the number of observations.
  [[nodiscard]] uint64_t count() const;

  [[nodiscard]] double sum() const;

private:
  std::shared_ptr<cell> content_;
};

/// Returns `count` bounds: start, start * factor, start * factor^2, ...
/// @pre start > 0, factor > 1.
[[nodiscard]] std::vector<double>
exponential_bounds(double start, double factor, size_t count);

} // namespace starling::metrics
