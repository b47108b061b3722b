#pragma once

#include "messages/error.hpp"
#include "messages/peer_id.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace starling {

struct announce_endpoint;
struct known_endpoint;
struct list_endpoints;

/// Role: finds nodes and sees to it that sessions to them stand. Local.
using discovery_actor = caf::typed_actor<
  // Takes note of an endpoint that someone has found; it is tried like all
  // others. Errors: invalid_option, limit_reached.
  caf::result<void>(announce_endpoint),
  // Returns what is known of all endpoints.
  caf::result<std::vector<known_endpoint>>(list_endpoints)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_discovery, starling::type_id_block::discovery)

  CAF_ADD_TYPE_ID(starling_discovery, (starling::announce_endpoint))
  CAF_ADD_TYPE_ID(starling_discovery, (starling::discovery_actor))
  CAF_ADD_TYPE_ID(starling_discovery, (starling::known_endpoint))
  CAF_ADD_TYPE_ID(starling_discovery, (starling::list_endpoints))
  CAF_ADD_TYPE_ID(starling_discovery, (std::vector<starling::known_endpoint>))

CAF_END_TYPE_ID_BLOCK(starling_discovery)

namespace starling {

/// An endpoint, e.g. "tcp://127.0.0.1:4711", with "#" and the peer's id if that
/// is known, and who found it, e.g. "mdns": lower-case letters, digits, '-'.
struct announce_endpoint {
  std::string endpoint;
  std::string source;
};

struct list_endpoints {};

/// An endpoint and how it turned out.
struct known_endpoint {
  std::string endpoint;
  std::string source;
  /// Attempts that failed since the last success.
  uint32_t failures = 0;
  /// Does a session to the peer behind it stand?
  bool connected = false;
};

template <class Inspector>
bool inspect(Inspector& f, announce_endpoint& x) {
  return f.object(x).fields(f.field("endpoint", x.endpoint),
                            f.field("source", x.source));
}

template <class Inspector>
bool inspect(Inspector& f, list_endpoints& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, known_endpoint& x) {
  return f.object(x).fields(
    f.field("endpoint", x.endpoint), f.field("source", x.source),
    f.field("failures", x.failures), f.field("connected", x.connected));
}

} // namespace starling
