#pragma once

#include "messages/membership.hpp"
#include "messages/mesh.hpp"
#include "messages/peer_id.hpp"
#include "messages/router.hpp"
#include "messages/spawner.hpp"
#include "runtime/trust/conduct.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace starling {

namespace metrics {
class registry;
} // namespace metrics

namespace config {
struct node_options;
} // namespace config

/// Holds the present incarnation of an actor that may be restarted. Readers on
/// any thread get a handle of their own.
template <class Handle>
class service_slot {
public:
  Handle operator()() const {
    auto guard = std::lock_guard{mutex_};
    return handle_;
  }

  void set(Handle handle) {
    auto guard = std::lock_guard{mutex_};
    handle_ = std::move(handle);
  }

private:
  mutable std::mutex mutex_;
  Handle handle_;
};

/// What an actor may use of the node it runs on. Lives as long as the node's
/// actor system; handles are empty until that part of the node stands.
struct node_context {
  /// Takes an event for the audit log: kind ("zone.change"), subject, details.
  using audit_sink
    = std::function<void(std::string kind, std::string subject,
                         std::map<std::string, std::string> details)>;

  caf::actor_system* system = nullptr;
  peer_id self;
  std::string name;
  const config::node_options* options = nullptr;
  metrics::registry* metrics = nullptr;
  audit_sink audit
    = [](std::string, std::string, std::map<std::string, std::string>) {};
  /// Wall clock; the simulator's runs on virtual time.
  std::function<std::chrono::system_clock::time_point()> wall_clock;
  /// Returns a fresh seed; the simulator's sequence follows from its own seed.
  std::function<uint64_t()> fresh_seed;

  /// Takes what a peer did, for its reputation. From any thread.
  std::function<void(const peer_id&, conduct)> note_conduct
    = [](const peer_id&, conduct) {};
  /// Returns how far a peer is trusted here. From any thread.
  std::function<standing(const peer_id&)> standing_of
    = [](const peer_id&) { return standing{}; };

  service_slot<mesh_actor> mesh;
  service_slot<membership_actor> membership;
  service_slot<router_actor> router;
  service_slot<spawner_actor> spawner;
};

} // namespace starling
