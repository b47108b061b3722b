@0xa7dfd619ed686798;

# What two peers tell each other on the control channel of their session.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("starling::wire");

struct PeerControl {
  union {
    hello @0 :Hello;
    # First message of each side, once; nothing else may come before it.
    ping @1 :UInt64;
    # Sign of life; the receiver answers with the same number.
    pong @2 :UInt64;
    # Answer to a ping.
    credit @3 :Credit;
    # An actor worked off messages of the receiver of this.
    goodbye @4 :Text;
    # The sender ends the session on purpose; why, for people.
    services @5 :List(Service);
    # Replaces the services of the hello.
  }
}

struct Hello {
  node @0 :Text;
  # CAF's name of the process, as `caf::to_string(node_id)` writes it.
  name @1 :Text;
  # Display name.
  endpoints @2 :List(Text);
  # Where the node can be dialled.
  services @3 :List(Service);
  # Actors that it offers to this peer.
  compression @4 :UInt8;
  # Bits of what the sender can restore: 1 LZ4. Frames are compressed only for a
  # peer that said so.
}

struct Service {
  name @0 :Text;
  actor @1 :UInt64;
  # CAF actor id at that node.
}

struct Credit {
  actor @0 :UInt64;
  consumed @1 :UInt64;
  # Bytes in all since the session began.
}
