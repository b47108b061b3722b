#pragma once

#include "deploy/consensus/commanded_child.hpp"
#include "deploy/consensus/etcd_client.hpp"
#include "runtime/result.hpp"

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace starling::deploy {

/// Returns the path of a program: the name itself if it has a slash, else the
/// first one in PATH; empty if there is none.
[[nodiscard]] std::filesystem::path find_program(const std::string& name);

/// Three members of etcd on loopback, each in a process of its own, with etcd's
/// defaults (heartbeats of 100 ms, elections after 1 s). They die with their
/// parent and with this object, which ends them by their ids.
///
/// On request what passes between members goes over wires that can be cut,
/// which costs them some time; what clients ask does not.
class etcd_cluster {
public:
  static constexpr size_t members = 3;

  /// Members keep their logs and data in `folder`.
  etcd_cluster(std::filesystem::path program, std::filesystem::path folder,
               bool on_wires = false);

  ~etcd_cluster();

  etcd_cluster(const etcd_cluster&) = delete;
  etcd_cluster& operator=(const etcd_cluster&) = delete;

  /// Starts the members that don't run and waits until one leads. Errors:
  /// file_error, limit_reached, timed_out.
  /// @pre this process has one thread.
  result<void> start(std::chrono::seconds patience);

  /// Kills a member as by `kill -9`.
  void kill(size_t index);

  /// Stops a member where it stands: it answers nobody, clients neither.
  void suspend(size_t index);

  void resume(size_t index);

  /// Parts the net: that member and the others hear nothing of each other, but
  /// clients reach all. Errors: those of the wires.
  /// @pre on wires.
  result<void> isolate(size_t index);

  /// Makes it whole again. @pre on wires.
  result<void> rejoin();

  /// Returns the member that leads; waits for one. Errors: timed_out.
  result<size_t> leader(std::chrono::seconds patience);

  [[nodiscard]] uint16_t port_of(size_t index) const {
    return ports_[index];
  }

  /// Sums over all members that answer.
  [[nodiscard]] std::map<std::string, double> metrics() const;

private:
  result<void> start_wires(std::chrono::steady_clock::time_point deadline);
  result<void> order_wires(const std::string& what);
  result<void> start_one(size_t index);
  void end(size_t index, int signal);

  std::filesystem::path program_;
  std::filesystem::path folder_;
  std::array<pid_t, members> pids_{-1, -1, -1};
  std::array<uint16_t, members> ports_{};
  /// Where members listen for each other, and where they say so.
  std::array<uint16_t, members> peer_ports_{};
  std::array<uint16_t, members> named_ports_{};
  bool on_wires_;
  std::optional<commanded_child> wires_;
};

} // namespace starling::deploy
