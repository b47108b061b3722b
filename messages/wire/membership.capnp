@0x8b50ffdf0b29d531;

# What nodes tell each other about who belongs to the cluster. Every message is
# one flat Cap'n Proto segment. Field numbers are never reused.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("starling::wire");

using NodeId = import "packet.capnp".NodeId;

# A node that the speaker has a session with, and what it measured.
struct MemberNeighbour {
  id @0 :NodeId;

  # One way, microseconds.
  latencyUs @1 :UInt32;

  # Share of probes answered, 0 to 1.
  reliability @2 :Float32;

  # In the unit of the operator's choice; 0 is free.
  cost @3 :Float32;

  # Bytes a second; 0 if not known.
  bandwidth @4 :UInt64;
}

# What a node says about itself. Only its own signature makes it count.
struct MemberRecord {
  # SHA-256 of the node's public identity key.
  id @0 :NodeId;

  # Grows with each start, and whenever the node has to deny its death.
  incarnation @1 :UInt64;

  # Hybrid time at which the record was made (runtime/clock/hybrid_clock.hpp).
  timestamp @2 :UInt64;

  # Display name; not an identity.
  name @3 :Text;

  # Where it can be dialled, e.g. "tcp://10.0.0.1:4711".
  endpoints @4 :List(Text);

  # Actor types its catalog holds.
  capabilities @5 :List(Text);

  # CAF's name for the process.
  cafNode @6 :Text;

  # A number of starling::zone::trust_zone: the zone it was last told it is in.
  zone @7 :UInt8;

  # The node has left and wants to be forgotten.
  left @8 :Bool;

  # Its links: the input of the routers.
  neighbours @9 :List(MemberNeighbour);
}

struct SignedMemberRecord {
  # A MemberRecord, canonical, one segment: the bytes that are signed.
  record @0 :Data;

  # Ed25519 and ML-DSA-87 signatures of the node that the record names.
  signature @1 :Data;

  # The node's public identity key; empty if the receiver has it already.
  key @2 :Data;

  # What shows that the node was admitted; travels with the key.
  credential @3 :Data;
}

# Names one version of one record.
struct MemberVersion {
  id @0 :NodeId;
  incarnation @1 :UInt64;
  timestamp @2 :UInt64;
}

# All that the sender knows of the nodes from `first` to `last`, both included,
# in the order of their bytes. A node in that range that is missing here is one
# the sender has not heard of.
struct GossipDigest {
  first @0 :NodeId;
  last @1 :NodeId;
  versions @2 :List(MemberVersion);

  # SHA-256 over the ids of all revoked nodes that the sender knows, in the order
  # of their bytes; empty if there are none.
  revocations @3 :Data;
}

# Records that the receiver lacks, and ids of nodes whose records the sender
# wants in return.
struct GossipRecords {
  records @0 :List(SignedMemberRecord);
  wanted @1 :List(NodeId);

  # Whether `revoked` is given: when the digest's revocations are not those of
  # the sender.
  comparesRevocations @2 :Bool;

  # All revoked nodes that the sender knows.
  revoked @3 :List(NodeId);

  # Those of whose revocation the sender lacks the record.
  wantedRevocations @4 :List(NodeId);

  # Each is a RevocationRecord of identity.capnp, signed by the cluster.
  revocations @5 :List(Data);
}

# A node's state as someone sees it. Hearsay: a receiver takes it as a reason to
# look, never as a verdict.
struct SwimUpdate {
  id @0 :NodeId;
  incarnation @1 :UInt64;

  # 0 alive, 1 suspect, 2 dead.
  state @2 :UInt8;
}

# Failure detection (Das, Gupta, Motivala 2002).
struct SwimMessage {
  # Given by whoever waits for the answer.
  sequence @0 :UInt64;

  # Piggybacked news.
  updates @1 :List(SwimUpdate);

  union {
    ping @2 :Void;

    # Answers `ping`, and `pingReq` once the target has answered.
    ack @3 :Void;

    # Asks the receiver to ping that node.
    pingReq @4 :NodeId;
  }
}
