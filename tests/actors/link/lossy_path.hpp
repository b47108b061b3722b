#pragma once

#include "actors/link/reliable_stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace starling::test {

/// Two reliable streams and a bad path between them, in virtual time.
class lossy_path {
public:
  using time_point = link::reliable_stream::time_point;
  using duration = link::reliable_stream::duration;

  struct options {
    double loss = 0.0;
    double doubled = 0.0;
    duration delay = std::chrono::milliseconds{10};
    /// Added to the delay, uniform from 0: reorders.
    duration jitter{0};
    /// Bytes per second, 0 for no limit.
    double bandwidth = 0.0;
    /// Bytes that wait for the bandwidth; more is lost.
    double queue_max = 1e6;
    uint64_t seed = 1;
    link::reliable_stream::options stream;
  };

  explicit lossy_path(const options& opts)
    : opts_{opts},
      rng_{opts.seed},
      now{std::chrono::hours{1}},
      left{opts.stream, now},
      right{opts.stream, now} {
    // nop
  }

  /// Lets both sides send, and passes on what has arrived.
  void exchange() {
    flush(left, 0);
    flush(right, 1);
  }

  /// Goes to the next event, at `end` at the latest. Returns false at `end`.
  bool step(time_point end) {
    auto next = std::optional<time_point>{};
    const auto consider = [&](std::optional<time_point> other) {
      if (other && (!next || *other < *next))
        next = other;
    };
    consider(left.next_deadline());
    consider(right.next_deadline());
    if (!under_way_.empty())
      consider(under_way_.begin()->first);
    if (!next || *next > end) {
      now = end;
      return false;
    }
    // A stream that asks for the past without doing anything would hang here.
    stuck_ = *next <= now ? stuck_ + 1 : 0;
    REQUIRE(stuck_ < 100'000);
    now = std::max(now, *next);
    while (!under_way_.empty() && under_way_.begin()->first <= now) {
      auto [to, bytes] = std::move(under_way_.begin()->second);
      under_way_.erase(under_way_.begin());
      CHECK((to == 0 ? left : right).on_datagram(bytes, now));
    }
    exchange();
    return true;
  }

  /// Runs until `done` or until `most` has passed.
  template <class Predicate>
  bool run(duration most, Predicate done) {
    const auto end = now + most;
    exchange();
    while (!done())
      if (!step(end))
        return done();
    return true;
  }

  void run(duration most) {
    run(most, [] { return false; });
  }

  /// While down, everything is lost, what is under way included.
  void set_down(bool value) {
    down_ = value;
    if (down_)
      under_way_.clear();
  }

  [[nodiscard]] size_t datagrams() const {
    return datagrams_;
  }

private:
  using parcel = std::pair<int, std::vector<uint8_t>>;

  double uniform() {
    return static_cast<double>(rng_() >> 11) * 0x1p-53;
  }

  void flush(link::reliable_stream& from, int side) {
    while (auto datagram = from.poll_output(now)) {
      CHECK(datagram->size() <= opts_.stream.datagram_max);
      ++datagrams_;
      put(side, {datagram->begin(), datagram->end()});
      if (uniform() < opts_.doubled)
        put(side, {datagram->begin(), datagram->end()});
    }
  }

  void put(int side, std::vector<uint8_t> bytes) {
    if (down_ || uniform() < opts_.loss)
      return;
    auto at = now;
    if (opts_.bandwidth > 0.0) {
      auto& busy = busy_until_[side];
      busy = std::max(busy, now);
      const auto waiting
        = std::chrono::duration<double>(busy - now).count() * opts_.bandwidth;
      if (waiting > opts_.queue_max)
        return;
      busy
        += std::chrono::duration_cast<duration>(std::chrono::duration<double>(
          static_cast<double>(bytes.size()) / opts_.bandwidth));
      at = busy;
    }
    at += opts_.delay;
    at += duration{static_cast<int64_t>(
      uniform() * static_cast<double>(opts_.jitter.count()))};
    under_way_.emplace(at, parcel{1 - side, std::move(bytes)});
  }

  options opts_;
  std::mt19937_64 rng_;
  std::multimap<time_point, parcel> under_way_;
  time_point busy_until_[2];
  bool down_ = false;
  size_t datagrams_ = 0;
  size_t stuck_ = 0;

public:
  time_point now;
  link::reliable_stream left;
  link::reliable_stream right;
};

/// Sends a known pattern one way and checks it at the other end.
struct transfer {
  lossy_path& path;
  link::reliable_stream& from;
  link::reliable_stream& to;
  size_t total;
  size_t sent = 0;
  size_t received = 0;
  bool intact = true;
  size_t memory = 0;
  /// Bytes the reader takes at a time; nothing when false.
  bool reading = true;

  static uint8_t pattern(size_t at) {
    return static_cast<uint8_t>((at * 2'654'435'761u) >> 13);
  }

  /// Writes and reads as much as goes; returns whether all is done.
  bool pump() {
    auto chunk = std::vector<uint8_t>{};
    for (auto room = from.room(); sent < total && room > 0;
         room = from.room()) {
      chunk.resize(std::min(room, total - sent));
      for (size_t i = 0; i < chunk.size(); ++i)
        chunk[i] = pattern(sent + i);
      sent += from.send(chunk);
      if (sent == total)
        from.close();
    }
    if (reading)
      to.read([this](std::span<const uint8_t> bytes) {
        for (auto byte : bytes)
          intact = intact && byte == pattern(received++);
      });
    memory = std::max({memory, from.memory(), to.memory()});
    path.exchange();
    return to.at_end() && received == total;
  }
};

} // namespace starling::test
