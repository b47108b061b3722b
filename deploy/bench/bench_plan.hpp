#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace starling::deploy {

/// How often things are done; the same for all who are measured.
struct bench_plan {
  struct messages {
    /// Bytes.
    size_t payload;
    size_t round_trips;
    size_t one_way;
  };

  std::vector<messages> sizes;
  /// Round trips before those that count.
  size_t warm_up = 2'000;
  size_t remote_spawns = 3'000;
  size_t local_spawns = 50'000;
  size_t handshakes = 100;
  size_t vectors = 20'000;
  size_t rounds = 3;
  /// A process that takes longer is given up.
  std::chrono::seconds patience{120};
  /// Threads for actors of each node, beside its event loop.
  size_t threads = 1;
};

[[nodiscard]] inline bench_plan thorough_plan() {
  auto result = bench_plan{};
  result.sizes = {
    {64, 20'000, 400'000}, {1'024, 20'000, 300'000}, {65'536, 5'000, 20'000}};
  return result;
}

[[nodiscard]] inline bench_plan quick_plan() {
  auto result = bench_plan{};
  result.sizes
    = {{64, 3'000, 50'000}, {1'024, 3'000, 30'000}, {65'536, 500, 2'000}};
  result.warm_up = 300;
  result.remote_spawns = 300;
  result.local_spawns = 5'000;
  result.handshakes = 20;
  result.vectors = 3'000;
  result.rounds = 1;
  return result;
}

/// Messages that may be on their way in a one-way run: BASP has no
/// back-pressure of its own, and a node holds back what exceeds its window of
/// 4 MiB an actor.
[[nodiscard]] constexpr uint64_t one_way_window(size_t payload) {
  constexpr auto bytes_max = uint64_t{2} << 20;
  constexpr auto messages_max = uint64_t{16'384};
  return bytes_max / payload < messages_max ? bytes_max / payload
                                            : messages_max;
}

[[nodiscard]] inline uint64_t now_ns() {
  return static_cast<uint64_t>(
    std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::steady_clock::now().time_since_epoch())
      .count());
}

} // namespace starling::deploy
