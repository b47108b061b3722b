#pragma once

#include "runtime/config/node_options.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace starling::config {

// Every key of a node file, once: name, variable, bounds and meaning. A visitor
// reads it from TOML, writes it, or documents it, so the three can't disagree.
// The default is the value in a freshly made section.
//
// A visitor has `field(key, target, bounds..., meaning)`, where the bounds are
// those of `reader::read`, and `needed` for keys that must be there.

namespace words {

inline constexpr auto log_levels = std::to_array<std::string_view>(
  {"quiet", "error", "warning", "info", "debug", "trace"});
inline constexpr auto strategies = std::to_array<std::string_view>(
  {"one-for-one", "one-for-all", "rest-for-one"});
inline constexpr auto sync_policies
  = std::to_array<std::string_view>({"never", "anchor", "entry"});
inline constexpr auto full_policies
  = std::to_array<std::string_view>({"refuse", "retire"});
inline constexpr auto dial_policies
  = std::to_array<std::string_view>({"members", "demand", "bootstrap"});
inline constexpr auto groups = std::to_array<std::string_view>(
  {"SECP384R1_ML_KEM_1024", "X25519_ML_KEM_768"});

} // namespace words

/// Bounds of a field, inclusive.
template <class T>
struct between {
  T min;
  T max;
};

/// Marks a text of 1 to 64 characters out of [A-Za-z0-9._-].
struct plain_name {};

/// The words that a text, or each text of a list, may be.
struct one_of {
  std::span<const std::string_view> choices;
};

using milliseconds = std::chrono::milliseconds;

template <class Visitor>
void describe(Visitor& v, node_section& x) {
  using std::chrono::hours;
  v.field("name", x.name, plain_name{},
          "The node's name in lists and logs; unique in its cluster.");
  v.field("listen", x.listen,
          "Where links wait for peers, such as \"tcp://0.0.0.0:7000\"; port 0 "
          "takes any free one. Empty: this node only dials.");
  v.field("bootstrap", x.bootstrap,
          "Peers to dial at the start, such as \"tcp://host:7000\"; add "
          "\"#\" and a peer id to insist on who answers.");
  v.field("state_dir", x.state_dir,
          "Folder for keys, logs and everything else that outlives a restart.");
  v.field("control_socket", x.control_socket,
          "UNIX socket of the control interface, at most 107 bytes long. "
          "Empty: control.sock in state_dir.");
  v.field("plugin_dirs", x.plugin_dirs,
          "Folders whose shared libraries are loaded as plugins.");
  v.field("log_level", x.log_level, one_of{words::log_levels},
          "How much the node tells on its standard error.");
  v.field("seed", x.seed,
          "Seed of choices that need not be secret, such as the order of "
          "gossip. Without it each run differs.");
  v.field("connection_timeout", x.connection_timeout,
          between<milliseconds>{milliseconds{10}, hours{1}},
          "How long dialling and the handshake may take together.");
  v.field("heartbeat_interval", x.heartbeat_interval,
          between<milliseconds>{milliseconds{1}, hours{1}},
          "Silence after which a sign of life is sent to a peer.");
  v.field("discovery_interval", x.discovery_interval,
          between<milliseconds>{milliseconds{10}, hours{24}},
          "Longest time between two attempts to reach a peer that is wanted "
          "and not there: the first comes after a second, each other one twice "
          "as late.");
  v.field("gossip_interval", x.gossip_interval,
          between<milliseconds>{milliseconds{10}, hours{1}},
          "Time between two comparisons of what is known of the cluster with "
          "a neighbour.");
  v.field("dial", x.dial, one_of{words::dial_policies},
          "Who is dialled: all members that gossip names, up to max_peers; the "
          "bootstrap list, and others on demand; or the bootstrap list only, "
          "and others are reached through relays.");
  v.field("compression", x.compression,
          "Whether packets and streams are compressed where that makes them "
          "smaller, to peers that do so too.");
}

template <class Visitor>
void describe(Visitor& v, limits_section& x) {
  v.field("max_peers", x.max_peers, between<uint32_t>{1, 10'000},
          "Peers connected at a time, not counting relays; more are refused.");
  v.field("max_packet_size", x.max_packet_size,
          between<byte_size>{{4096}, {uint64_t{1} << 30}},
          "Largest packet sent or accepted.");
  v.field("bandwidth", x.bandwidth,
          between<byte_rate>{{1000}, {1'000'000'000'000}},
          "Bytes per second sent on all links together, over a hundredth of a "
          "second; what is more waits, signs of life and control do not.");
  v.field("cpu", x.cpu, between<double>{0.01, 1.0},
          "Share of the machine's processors, from 0.01 to 1: sets the number "
          "of threads. Above it, over ten seconds, the node spawns nothing, "
          "takes in no peer and gives senders credit once a second.");
  v.field("memory", x.memory,
          between<byte_size>{{64'000'000}, {uint64_t{64} << 40}},
          "Memory of the node process. Above 85 % the node spawns nothing and "
          "takes in no peer; above 100 % senders get no credit.");
  v.field("storage", x.storage,
          between<byte_size>{{16'000'000}, {1'000'000'000'000'000}},
          "Disk space of everything under state_dir. What does not fit is not "
          "written; the audit log does as its when_full says.");
}

template <class Visitor>
void describe(Visitor& v, trust_section& x) {
  v.field(
    "validation_threshold", x.validation_threshold, between<double>{0.0, 1.0},
    "Share of its checks that a batch of gossip must pass; one below it is "
    "refused as a whole, and its sender loses reputation. A summary of "
    "the tree must pass all, whatever stands here.");
  v.field("trust_threshold", x.trust_threshold, between<double>{0.0, 1.0},
          "Reputation from which on a peer counts as proven; strangers have "
          "0.5. One that is not proven spawns up to half of its quota, and "
          "proven neighbours are preferred as relays.");
  v.field("reputation_decay", x.reputation_decay, between<double>{0.0, 1.0},
          "Share of its distance to neutral that a reputation loses in an "
          "hour.");
  v.field("max_failed_attempts", x.max_failed_attempts,
          between<uint32_t>{1, 1000},
          "Failed authentications in a row before a peer is shut out.");
  v.field("quarantine_duration", x.quarantine_duration,
          between<milliseconds>{milliseconds{0}, std::chrono::hours{24 * 30}},
          "How long a peer that was shut out or quarantined stays so at "
          "least.");
}

template <class Visitor>
void describe(Visitor& v, security_section& x) {
  using std::chrono::hours;
  v.field("encryption", x.encryption,
          "Must be true; only the simulator may run without encryption.");
  v.field("key_file", x.key_file,
          "The node's encrypted identity. Empty: identity.pem in state_dir.");
  v.field("passphrase_file", x.passphrase_file,
          "File with the passphrase of key_file; nobody else may read it.");
  v.field("cluster_key", x.cluster_key,
          "File with the cluster's public key: who holds its other half says "
          "who belongs to the cluster.");
  v.field("certificate", x.certificate,
          "File with this node's membership certificate.");
  v.field("allow", x.allow,
          "Ids of peers that are admitted without a certificate.");
  v.field("join_token", x.join_token,
          "One-time token with which this node asks for its certificate.");
  v.field("rotate_interval", x.rotate_interval,
          between<milliseconds>{milliseconds{10}, hours{24 * 7}},
          "Age at which a session's keys are replaced.");
  v.field("rotate_bytes", x.rotate_bytes,
          between<byte_size>{{1024}, {uint64_t{1} << 37}},
          "Bytes after which a session's keys are replaced; 128 GiB is the "
          "most that AES-GCM allows with a margin.");
  v.field("kem_interval", x.kem_interval,
          between<milliseconds>{std::chrono::seconds{2}, hours{24 * 7}},
          "Time after which a session makes a fresh key exchange, so that a "
          "stolen key opens nothing that follows.");
}

template <class Visitor>
void describe(Visitor& v, session_section& x) {
  v.field("groups", x.groups, one_of{words::groups},
          "Key exchange groups, best first. Both are post-quantum hybrids; "
          "there is no other choice.");
}

template <class Visitor>
void describe(Visitor& v, supervision_section& x) {
  v.field("strategy", x.strategy, one_of{words::strategies},
          "Which actors restart when one fails: itself, all, or itself and "
          "those started after it.");
  v.field("intensity", x.intensity, between<uint32_t>{0, 10'000},
          "Restarts within the period before the supervisor gives up.");
  v.field("period", x.period,
          between<milliseconds>{milliseconds{1}, std::chrono::hours{24}},
          "The time over which restarts are counted.");
}

template <class Visitor>
void describe(Visitor& v, audit_section& x) {
  v.field("segment_max", x.segment_max,
          between<byte_size>{{64 * 1024}, {uint64_t{1} << 32}},
          "Size at which the log goes on in a new file.");
  v.field("storage_max", x.storage_max,
          between<byte_size>{{256 * 1024}, {uint64_t{1} << 40}},
          "Size of all files of the log; at least four times segment_max.");
  v.field("anchor_entries", x.anchor_entries, between<uint32_t>{1, 1'000'000},
          "Entries after which the log is signed; 1 signs each.");
  v.field("anchor_interval", x.anchor_interval,
          between<milliseconds>{milliseconds{1}, std::chrono::hours{24}},
          "Age of an entry at which the log is signed at the latest.");
  v.field("fsync", x.fsync, one_of{words::sync_policies},
          "When entries are forced onto the disk: never, with each signature "
          "(anchor), or each entry.");
  v.field("when_full", x.when_full, one_of{words::full_policies},
          "Refuse new entries, or retire the oldest file; a signed entry "
          "tells which.");
}

template <class Visitor>
void describe(Visitor& v, actor_entry& x) {
  v.needed("name", x.name, plain_name{},
           "Under this name the actor can be found; unique in the node.");
  v.needed("type", x.type, plain_name{},
           "The type's name in the catalogue, bundled or from a plugin.");
  v.field("strategy", x.strategy, one_of{words::strategies},
          "Overrides the strategy of [supervision] for this actor; actors with "
          "the same strategy form one group.");
  v.field(
    "options", x.options,
    "Handed to the actor, which documents and checks them. Only restart is "
    "read by its supervisor: permanent (the default), transient (when it "
    "failed) or temporary (never).");
}

template <class Visitor>
void describe(Visitor& v, spawn_rule& x) {
  v.needed("from", x.from, "Id of the peer that may spawn, or \"*\" for all.");
  v.needed("types", x.types,
           "Names of the types it may spawn, or \"*\" for all.");
  v.field("quota", x.quota, between<uint32_t>{1, 1'000'000},
          "Actors of one peer alive at a time that were spawned under this "
          "rule; half of it for a peer below trust_threshold.");
}

/// Calls `f(name, section)` for the sections that are single tables.
template <class Options, class Function>
void for_each_section(Options& opts, Function f) {
  f("node", opts.node);
  f("limits", opts.limits);
  f("trust", opts.trust);
  f("security", opts.security);
  f("session", opts.session);
  f("supervision", opts.supervision);
  f("audit", opts.audit);
}

} // namespace starling::config
