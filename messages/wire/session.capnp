@0xeb4b33aa9115bb10;

# What two sessions say to each other: inside TLS until both sides have accepted
# (SessionMessage), in control records afterwards (SessionControl). Every message
# is one flat Cap'n Proto segment; inside TLS it follows its length as a 32-bit
# big-endian number. Field numbers are never reused.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("starling::wire");

# Says who will prove itself, before any proof.
struct SessionHello {
  # Lowest and highest version of this protocol that the sender speaks. The
  # highest that both speak is used.
  versionMin @0 :UInt16;
  versionMax @1 :UInt16;

  # Feature bits offered; those that both sides offer are in force.
  features @2 :UInt64;

  # SHA-256 of the sender's public identity key, 32 bytes.
  nodeId @3 :Data;

  # Only from an initiator: the only peer it accepts, 32 bytes; empty means any.
  expectedPeer @4 :Data;

  # Payload bytes in the longest record that the sender accepts, 1 to 1 MiB.
  recordPayloadMax @5 :UInt32;
}

# Proves that the sender of the hello is at the end of this very channel.
struct SessionAuth {
  # Ed25519 and ML-DSA-87 public keys, 2624 bytes.
  publicKey @0 :Data;

  # Ed25519 and ML-DSA-87 signatures over the session transcript.
  signature @1 :Data;

  # For the peer's admission policy; at most 32 KiB.
  credential @2 :Data;
}

# The sender lets the receiver in.
struct SessionAccept {
  # From the admission policy, for the receiver; at most 16 KiB.
  reply @0 :Data;
}

# The sender does not let the receiver in. Ends the session.
struct SessionReject {
  # A number of starling::ec.
  code @0 :UInt8;

  # For people; at most 256 bytes.
  text @1 :Text;
}

struct SessionMessage {
  union {
    hello @0 :SessionHello;
    auth @1 :SessionAuth;
    accept @2 :SessionAccept;
    reject @3 :SessionReject;
  }
}

# Inside an established session, in records of type control.
struct SessionControl {
  union {
    # The sender's key has changed and nothing else is to be said now.
    keyChanged @0 :Void;

    # Starts a fresh exchange: the encapsulation key of the negotiated group.
    kemOffer @1 :Data;

    # Answers it with the ciphertext. The sender's next record is under a key
    # that holds the new secret.
    kemReply @2 :Data;

    # Ends it: this sender's next record is under such a key as well.
    kemDone @3 :Void;
  }
}
