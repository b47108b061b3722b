#pragma once

#include "deploy/consensus/commanded_child.hpp"
#include "runtime/event_loop/socket.hpp"
#include "runtime/result.hpp"

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace starling::deploy {

/// Which way a member of etcd is reached by the others.
struct member_wire {
  /// The port of loopback that the member names as its own.
  uint16_t outer = 0;
  /// The one that it listens on.
  uint16_t inner = 0;
};

/// Returns the port by which a member of etcd names itself in the head of a
/// request to another one (X-PeerURLs), if it does.
[[nodiscard]] std::optional<uint16_t> peer_port_in(std::string_view head);

/// The wires between the members of an etcd cluster: connections to a member go
/// by its outer port and are carried to the inner one, until they are cut. Who
/// opened one is told from its first request.
///
/// Clients talk to members by other ports, which nothing here touches: the net
/// between members is parted, not that around them.
class member_wires {
public:
  /// Listens on loopback. Errors: unreachable.
  static result<std::unique_ptr<member_wires>>
  open(std::vector<member_wire> wires);

  ~member_wires();

  member_wires(const member_wires&) = delete;
  member_wires& operator=(const member_wires&) = delete;

  /// Cuts all connections between that member and others, and refuses new ones.
  /// Whose opener is not known goes as well.
  void isolate(size_t member);

  /// Lets all pass again.
  void join();

private:
  struct connection {
    size_t target = 0;
    event_loop::unique_fd client;
    event_loop::unique_fd member;
    /// Of the first request, until it is whole.
    std::string head;
    std::optional<size_t> source;
    std::string to_client;
    std::string to_member;
    bool ended = false;
  };

  explicit member_wires(std::vector<member_wire> wires)
    : wires_{std::move(wires)} {
    // nop
  }

  void run();
  void accept(size_t target);
  /// Returns false if the connection has to go.
  bool serve(connection& x, short client_events, short member_events);
  bool begin(connection& x);
  [[nodiscard]] bool may_pass(const connection& x) const;
  void wake();

  static constexpr int nobody = -1;

  std::vector<member_wire> wires_;
  std::vector<event_loop::unique_fd> listeners_;
  event_loop::unique_fd wake_read_;
  event_loop::unique_fd wake_write_;
  std::list<connection> connections_;
  std::atomic<int> isolated_{nobody};
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

/// Carries what passes between members. Says "ready" or "failed TEXT"; then,
/// told "isolate MEMBER" or "join", "done".
void serve_wires(const std::vector<member_wire>& wires,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen);

} // namespace starling::deploy
