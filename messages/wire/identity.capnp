@0x9fa1e6707369d1ba;

# Who belongs to a cluster, and who no longer does. Field numbers are never
# reused. Signatures do not cover these bytes but a canonical encoding of the
# same fields, see runtime/identity/canonical_bytes.hpp: Cap'n Proto has many
# encodings for one record.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("starling::wire");

struct CertificateBody {
  # The statement "subject is a member of cluster, says issuer".

  cluster @0 :Data;
  # 32 bytes, SHA-256 of the cluster's public identity key.

  subject @1 :Data;
  # 32 bytes, id of the node that is admitted.

  issuer @2 :Data;
  # 32 bytes, id of the cluster key or of a sponsor node.

  serial @3 :UInt64;
  # Chosen by the issuer, to tell its certificates apart.

  notBefore @4 :Int64;
  # Seconds since 1970, 0 to 2^33. Valid from then on.

  notAfter @5 :Int64;
  # Seconds since 1970, 0 to 2^33. Not valid any more at that second.

  maySponsor @6 :Bool;
  # May the subject admit nodes? Only the cluster key can grant that.

  name @7 :Text;
  # Display name, printable UTF-8, at most 64 bytes.
}

struct MembershipCertificate {
  # A certificate with all that is needed to check it.

  body @0 :CertificateBody;

  signature @1 :Data;
  # 4691 bytes by the issuer: Ed25519 (64), then ML-DSA-87 (4627).

  sponsor @2 :SponsorProof;
  # Null when the cluster key itself is the issuer.
}

struct SponsorProof {
  # Shows that a sponsor was admitted by the cluster key.

  key @0 :Data;
  # 2624 bytes, the sponsor's key: Ed25519 (32), then ML-DSA-87 (2592).

  body @1 :CertificateBody;
  # The sponsor's own certificate.

  signature @2 :Data;
  # 4691 bytes by the cluster key.
}

struct RevocationRecord {
  # The statement "subject is no member of cluster any more".

  cluster @0 :Data;
  # 32 bytes, SHA-256 of the cluster's public identity key.

  subject @1 :Data;
  # 32 bytes, id of the node that is out.

  time @2 :Int64;
  # Seconds since 1970, 0 to 2^33, when it was decided.

  reason @3 :Text;
  # For people: printable UTF-8, at most 200 bytes.

  signature @4 :Data;
  # 4691 bytes by the cluster key.
}

struct RevocationList {
  # All revocations that a node knows, on its disk.

  records @0 :List(RevocationRecord);
}
