#pragma once

#include "deploy/control/node_names.hpp"
#include "deploy/control/request.hpp"
#include "deploy/node/node.hpp"
#include "runtime/plugin/plugin_loader.hpp"
#include "runtime/result.hpp"

#include <caf/timespan.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace starling::control {

/// What the service needs of the daemon. Pointers outlive it.
struct node_service_parts {
  deploy::node* node = nullptr;
  caf::actor_system* system = nullptr;
  std::shared_ptr<const actor_catalog> catalog;
  std::vector<plugin_outcome> plugins;
  /// Where the node listens.
  std::vector<std::string> addresses;
  std::chrono::system_clock::time_point started;
  /// Asks the daemon to end the node.
  std::function<void()> stop;
  /// How long an actor may take to answer.
  caf::timespan timeout = std::chrono::seconds{10};
};

/// Answers what comes over the control interface, by asking the node's actors.
/// Nothing here knows HTTP. Calls may come from several threads at a time.
///
///     GET  /v1/status  /v1/members  /v1/peers  /v1/actors  /v1/types
///          /v1/plugins  /v1/routes  /v1/routes/NODE  /v1/why/NAME
///     POST /v1/spawn        {type, node?, name?, options?}
///          /v1/call         {actor, node?, request}
///          /v1/tokens       {lifetime}: seconds
///          /v1/revocations  {record}: hexadecimal digits
///          /v1/connect      {address, id?}
///          /v1/releases     {node}
///          /v1/stop         {}
///          /v1/experiments  {file or text, data?, out, on?}: see `run`
///
/// NODE is a name, an id, or the beginning of an id.
class node_service {
public:
  explicit node_service(node_service_parts parts);

  /// Errors: unknown_name (no such path), those of the actors.
  result<json> answer(const request& asked);

  /// Runs an experiment on the nodes of this node's cluster, or all of it on
  /// the node `on`, with news. Data and results lie on this node.
  /// Errors: as the experiment's.
  result<json> run(const request& asked,
                   const std::function<bool(const json&)>& tell);

  /// Returns the measurements in Prometheus' text format.
  std::string metrics();

  /// Does the node take part in its cluster: does it listen, do its roles and
  /// the actors of its file run, and has it a session if it is to bootstrap?
  /// Errors: wrong_state, timed_out.
  result<void> ready();

  /// Does its event loop turn? Errors: timed_out.
  result<void> alive();

private:
  using handler = result<json> (node_service::*)(const request&);

  struct route {
    const char* verb;
    /// With a '/' at its end: everything below it.
    const char* path;
    handler handle;
  };

  static const std::vector<route>& routes();

  // node_service.cpp: this node
  result<json> status(const request&);
  result<json> types(const request&);
  result<json> plugins(const request&);
  result<json> stop(const request&);

  // node_service_cluster.cpp: other nodes
  result<json> members(const request&);
  result<json> peers(const request&);
  result<json> all_routes(const request&);
  result<json> route_to(const request&);
  result<json> connect(const request&);

  // node_service_actors.cpp
  result<json> actors(const request&);
  result<json> spawn(const request&);
  result<json> call(const request&);

  // node_service_admission.cpp
  result<json> issue_token(const request&);
  result<json> revoke(const request&);
  result<void> check_sponsor();

  // node_service_trust.cpp
  result<json> why(const request&);
  result<json> release(const request&);

  // node_service_health.cpp
  result<void> check_children(const supervisor_actor& of, const char* kind);
  json configured();

  result<std::vector<peer_status>> peer_list();
  result<std::vector<member_info>> member_list();
  /// Nodes that have a name here: members, peers and this one.
  std::vector<named_node> known_nodes();
  result<peer_id> node_called(const std::string& text);
  std::string name_of_node(const peer_id& id);
  result<spawner_actor> spawner_on(const peer_id& id);
  result<caf::strong_actor_ptr> find_actor(const std::string& name,
                                           const std::string& node);
  void count(const char* name, const char* help, double value);

  node_context& context() {
    return parts_.node->context();
  }

  node_service_parts parts_;
};

} // namespace starling::control
