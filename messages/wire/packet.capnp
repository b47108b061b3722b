@0xc9fee71679e4df01;

# A packet between nodes is, back to back:
#
#   PacketRelay    as a Cap'n Proto stream message of one segment; what a node
#                  on the way rewrites
#   PacketHeader   as another one, canonical; what nobody on the way may change
#   payload        PacketHeader.payloadLength bytes
#   signature      the rest, if the header's flag "signed" is set; else nothing
#
# The signature covers header and payload, as they stand. The payload stays out
# of Cap'n Proto, so that a relay neither aligns nor copies nor traverses it.
# Field numbers are never reused.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("starling::wire");

# 32 bytes: the SHA-256 of a node's public identity key, read as four
# little-endian numbers so that it lies in a struct's data section.
struct NodeId {
  a @0 :UInt64;
  b @1 :UInt64;
  c @2 :UInt64;
  d @3 :UInt64;
}

# A hop on the way of a packet, and the link that led to it.
struct PacketHop {
  # Who took the packet.
  peer @0 :NodeId;

  # The link's scheme, e.g. "tcp"; at most 32 bytes.
  transport @1 :Text;

  # One way, microseconds; 0 if not known.
  latencyUs @2 :UInt32;

  # Share of what is sent that arrives, 0 to 1.
  reliability @3 :Float32;
}

struct PacketRelay {
  # Hops that are left; a packet with none is not sent on.
  ttl @0 :UInt8;

  # Hops that are done.
  hopCount @1 :UInt8;

  # The hops that are done, oldest first, if the flag "record route" is set and
  # as far as there was room.
  route @2 :List(PacketHop);
}

struct PacketHeader {
  # 16 bytes chosen at random by the source, as two little-endian numbers.
  idLow @0 :UInt64;
  idHigh @1 :UInt64;

  # Hybrid time at the source (runtime/clock/hybrid_clock.hpp).
  timestamp @2 :UInt64;

  sourceA @3 :UInt64;
  sourceB @4 :UInt64;
  sourceC @5 :UInt64;
  sourceD @6 :UInt64;

  destinationA @7 :UInt64;
  destinationB @8 :UInt64;
  destinationC @9 :UInt64;
  destinationD @10 :UInt64;

  # Bytes.
  payloadLength @11 :UInt32;

  # Bits, see messages/packet.hpp.
  flags @12 :UInt16;

  # 0 data, 1 control, 2 routing, 3 discovery, 4 heartbeat.
  type @13 :UInt8;

  # 0 to 7, 7 is the most urgent.
  priority @14 :UInt8;

  # 1. Stands last and is never 0: a canonical struct does not end in zeros.
  version @15 :UInt16;
}

# Payload of a packet of type control with the flag "error": tells a source why
# its packet went no further. One flat segment.
struct RoutingError {
  # A number of starling::ec: ttl_exceeded, unreachable, quarantined or
  # protocol_violation (the packet ran in a loop).
  code @0 :UInt8;

  # The packet that went no further.
  packetIdLow @1 :UInt64;
  packetIdHigh @2 :UInt64;

  # Where it was going.
  destination @3 :NodeId;

  # Who gave it up.
  at @4 :NodeId;

  # For people; at most 200 bytes.
  detail @5 :Text;
}
