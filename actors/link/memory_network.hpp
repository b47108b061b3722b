#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace starling::link {

/// A network between named hosts that exists in virtual time only: it decides
/// when something that one host sends happens at another.
///
/// Each ordered pair of hosts is a pipe with a delay and a bandwidth; what goes
/// in first comes out first. A cut pipe keeps what is in it, as TCP would, and
/// goes on when it is healed. What "happens" is a function of the caller, so
/// streams, datagrams and requests can all use it. The same calls give the same
/// order of events, ties included.
///
/// Not thread-safe: a simulation runs on one thread.
class memory_network {
public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  struct path {
    /// From host to host, one way.
    std::chrono::nanoseconds delay = std::chrono::milliseconds{1};
    /// Bytes per second; 0 for no limit.
    uint64_t bandwidth = 0;

    friend bool operator==(const path&, const path&) = default;
  };

  struct options {
    /// Used by pairs that have none of their own.
    path default_path;
    /// Bytes under way from one host to another.
    size_t in_flight_max = size_t{256} << 20;
    /// Pairs of hosts with traffic or settings of their own.
    size_t pairs_max = 1'000'000;
  };

  memory_network() = default;

  explicit memory_network(const options& opts) : opts_{opts} {
    // nop
  }

  /// Sets delay and bandwidth between two hosts, both ways, for what is sent
  /// from now on.
  void set_path(std::string_view a, std::string_view b, const path& value);

  /// Sends `bytes` bytes at `now`; `arrive` is called when they arrive. Returns
  /// false and forgets it if that would exceed a limit.
  bool send(std::string_view from, std::string_view to, size_t bytes,
            std::function<void(time_point)> arrive, time_point now);

  /// Stops all traffic between two hosts, both ways.
  void cut(std::string_view a, std::string_view b);

  /// Lets traffic flow again; what was held arrives a delay after `now`.
  void heal(std::string_view a, std::string_view b, time_point now);

  [[nodiscard]] bool is_cut(std::string_view a, std::string_view b) const;

  /// Returns when the next arrival happens, nothing if none will.
  [[nodiscard]] std::optional<time_point> next_due() const;

  /// Calls what has arrived by `now`, in order of time; also what that causes,
  /// if it is due. Returns how much it was.
  size_t deliver_due(time_point now);

  /// Returns the bytes under way from one host to another.
  [[nodiscard]] size_t in_flight(std::string_view from,
                                 std::string_view to) const;

private:
  /// Names of sender and receiver.
  using pair_name = std::pair<std::string, std::string>;

  struct parcel {
    time_point due;
    uint64_t number = 0;
    size_t bytes = 0;
    std::function<void(time_point)> arrive;
  };

  struct pipe {
    path settings;
    bool cut = false;
    /// When the last byte so far has entered.
    time_point busy_until;
    size_t bytes = 0;
    std::deque<parcel> parcels;
  };

  using agenda_key = std::pair<time_point, uint64_t>;

  pipe* open_pipe(std::string_view from, std::string_view to);
  [[nodiscard]] const pipe* find(std::string_view from,
                                 std::string_view to) const;
  void stop(pipe* which);
  void go_on(pipe* which, time_point now);

  options opts_;
  std::map<pair_name, pipe> pipes_;
  /// The first parcel of each pipe that is not cut.
  std::map<agenda_key, pipe*> agenda_;
  uint64_t sent_ = 0;
};

} // namespace starling::link
