#pragma once

#include "messages/error.hpp"
#include "messages/type_id_blocks.hpp"

#include <caf/byte_buffer.hpp>
#include <caf/result.hpp>
#include <caf/timespan.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace starling {

struct link_bytes;
struct link_close;
struct link_closed;
struct link_dial;
struct link_drained;
struct link_listen;
struct link_open;
struct link_opened;

/// Role: is told what happens on a link. All of it comes from the node's own
/// links, never over the network.
using link_listener_actor = caf::typed_actor<
  // Bytes from the other side, in order, none lost, none doubled.
  caf::result<void>(link_bytes),
  // All that was handed to the link has left this process, or the part of it
  // that is still waiting fell below the link's low-water mark.
  caf::result<void>(link_drained),
  // The link ended. Nothing follows.
  caf::result<void>(link_closed)>;

/// Role: moves bytes to and from one directly reachable neighbour.
using link_actor = caf::typed_actor<
  // Names the one who hears what comes in; bytes that came earlier are handed
  // over now.
  caf::result<void>(link_open),
  // Sends bytes. Reports with `link_drained` when they have left.
  caf::result<void>(link_bytes),
  // Sends what waits, then ends.
  caf::result<void>(link_close)>;

/// Role: is told of new links, those it dialled and those that came in.
using link_acceptor_actor = caf::typed_actor<
  // A link stands; no one has authenticated yet.
  caf::result<void>(link_opened)>;

/// Role: makes links of one kind, named by the scheme of an address.
using transport_actor = caf::typed_actor<
  // Listens until it ends; returns the address with the port that was taken.
  // Errors: invalid_option (not such an address), file_error (in use, not
  // permitted).
  caf::result<std::string>(link_listen),
  // Opens a link. Errors: invalid_option, unreachable, timed_out.
  caf::result<link_opened>(link_dial)>;

} // namespace starling

CAF_BEGIN_TYPE_ID_BLOCK(starling_link, starling::type_id_block::link)

  CAF_ADD_TYPE_ID(starling_link, (starling::link_acceptor_actor))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_actor))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_bytes))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_close))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_closed))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_dial))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_drained))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_listen))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_listener_actor))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_open))
  CAF_ADD_TYPE_ID(starling_link, (starling::link_opened))
  CAF_ADD_TYPE_ID(starling_link, (starling::transport_actor))

CAF_END_TYPE_ID_BLOCK(starling_link)

namespace starling {

struct link_bytes {
  caf::byte_buffer data;
};

/// Names the listener of a link.
struct link_open {
  link_listener_actor listener;
};

/// Bytes still waiting in the link.
struct link_drained {
  uint64_t waiting = 0;
};

struct link_close {};

/// Why the link ended; a default-constructed error is the other side's orderly
/// end.
struct link_closed {
  caf::error reason;
};

/// A new link. `address` says where it leads, e.g. "tcp://127.0.0.1:4711";
/// `dialled` is true on the side that asked for it.
struct link_opened {
  link_actor link;
  std::string address;
  bool dialled = false;
};

/// Hands incoming links to `acceptor`.
struct link_listen {
  std::string address;
  link_acceptor_actor acceptor;
};

struct link_dial {
  std::string address;
  caf::timespan timeout = std::chrono::seconds{30};
};

template <class Inspector>
bool inspect(Inspector& f, link_listen& x) {
  return f.object(x).fields(f.field("address", x.address),
                            f.field("acceptor", x.acceptor));
}

template <class Inspector>
bool inspect(Inspector& f, link_dial& x) {
  return f.object(x).fields(f.field("address", x.address),
                            f.field("timeout", x.timeout));
}

template <class Inspector>
bool inspect(Inspector& f, link_bytes& x) {
  return f.object(x).fields(f.field("data", x.data));
}

template <class Inspector>
bool inspect(Inspector& f, link_open& x) {
  return f.object(x).fields(f.field("listener", x.listener));
}

template <class Inspector>
bool inspect(Inspector& f, link_drained& x) {
  return f.object(x).fields(f.field("waiting", x.waiting));
}

template <class Inspector>
bool inspect(Inspector& f, link_close& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, link_closed& x) {
  return f.object(x).fields(f.field("reason", x.reason));
}

template <class Inspector>
bool inspect(Inspector& f, link_opened& x) {
  return f.object(x).fields(f.field("link", x.link),
                            f.field("address", x.address),
                            f.field("dialled", x.dialled));
}

} // namespace starling
