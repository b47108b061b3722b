#pragma once

#include "runtime/resources/resource_governor.hpp"
#include "runtime/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace starling::resources {

/// How freely senders of other nodes get credit for what was worked off here.
enum class credit_policy : uint8_t {
  at_once,
  /// After a pause, all together.
  delayed,
  /// Not before memory is well below its limit.
  withheld,
};

/// What a node's resources allow just now. The actor that samples them writes
/// it, whoever takes something in or writes a file asks it, from any thread and
/// without waiting.
///
/// Storage is judged with what was claimed since the last measurement, so that
/// the limit holds between two of them, too.
class resource_state {
public:
  struct options {
    double cpu = 0.5;
    uint64_t memory = 1'000'000'000;
    uint64_t storage = 10'000'000'000;
  };

  explicit resource_state(const options& opts) : opts_{opts} {
    // nop
  }

  resource_state(const resource_state&) = delete;
  resource_state& operator=(const resource_state&) = delete;

  void set(const resource_governor::verdict& now);

  /// May an actor be spawned, or a peer be taken in? Errors: limit_reached.
  [[nodiscard]] result<void> admit() const;

  [[nodiscard]] credit_policy credit() const;

  /// Takes so many bytes of the storage, for `what`, which goes into the text.
  /// Errors: limit_reached; then nothing is taken.
  result<void> claim_storage(uint64_t bytes, std::string_view what);

  /// Counts bytes that have to be written, limit or not.
  void add_storage(uint64_t bytes);

  /// Gives back the bytes of a file that was deleted.
  void release_storage(uint64_t bytes);

  /// Bytes of storage as last measured, and claimed since.
  [[nodiscard]] uint64_t storage() const;

  [[nodiscard]] const options& limits() const {
    return opts_;
  }

private:
  options opts_;
  std::atomic<double> cpu_share_ = 0.0;
  std::atomic<uint64_t> memory_ = 0;
  std::atomic<uint64_t> storage_ = 0;
  std::atomic<bool> cpu_exceeded_ = false;
  std::atomic<bool> memory_high_ = false;
  std::atomic<bool> memory_exceeded_ = false;
};

} // namespace starling::resources
