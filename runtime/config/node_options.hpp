#pragma once

#include "messages/peer_id.hpp"
#include "runtime/config/endpoint.hpp"
#include "runtime/config/quantity.hpp"
#include "runtime/config/value.hpp"
#include "runtime/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace starling::config {

/// [node]: what this node is and where it is found.
struct node_section {
  std::string name = "node";
  std::vector<endpoint> listen;
  std::vector<endpoint> bootstrap;
  std::string state_dir = "state";
  std::string control_socket;
  std::vector<std::string> plugin_dirs;
  std::string log_level = "info";
  std::optional<uint64_t> seed;
  std::chrono::milliseconds connection_timeout = std::chrono::seconds{30};
  std::chrono::milliseconds heartbeat_interval = std::chrono::seconds{60};
  std::chrono::milliseconds discovery_interval = std::chrono::seconds{300};
  std::chrono::milliseconds gossip_interval = std::chrono::seconds{1};
  std::string dial = "members";
  bool compression = true;

  friend bool operator==(const node_section&, const node_section&) = default;
};

/// [limits]: what this node gives at most.
struct limits_section {
  uint32_t max_peers = 50;
  byte_size max_packet_size{10'000'000};
  byte_rate bandwidth{100'000'000};
  /// Share of all processors, (0, 1].
  double cpu = 0.5;
  byte_size memory{1'000'000'000};
  byte_size storage{10'000'000'000};

  friend bool operator==(const limits_section&, const limits_section&)
    = default;
};

/// [trust]: when a peer is believed, and when it is shut out.
struct trust_section {
  double validation_threshold = 0.8;
  double trust_threshold = 0.7;
  /// Share of its distance to neutral that a reputation loses per hour.
  double reputation_decay = 0.01;
  uint32_t max_failed_attempts = 3;
  std::chrono::milliseconds quarantine_duration = std::chrono::seconds{3600};

  friend bool operator==(const trust_section&, const trust_section&) = default;
};

/// [security]: keys, who may join, when keys change.
struct security_section {
  bool encryption = true;
  std::string key_file;
  std::string passphrase_file;
  std::string cluster_key;
  std::string certificate;
  std::vector<peer_id> allow;
  std::string join_token;
  std::chrono::milliseconds rotate_interval = std::chrono::minutes{5};
  byte_size rotate_bytes{uint64_t{1} << 30};
  std::chrono::milliseconds kem_interval = std::chrono::minutes{15};

  friend bool operator==(const security_section&, const security_section&)
    = default;
};

/// [session]
struct session_section {
  /// Key exchange groups, best first.
  std::vector<std::string> groups
    = {"SECP384R1_ML_KEM_1024", "X25519_ML_KEM_768"};

  friend bool operator==(const session_section&, const session_section&)
    = default;
};

/// [supervision]: what happens when an actor fails.
struct supervision_section {
  std::string strategy = "one-for-one";
  /// Restarts within `period` before the supervisor itself gives up.
  uint32_t intensity = 5;
  std::chrono::milliseconds period = std::chrono::seconds{10};

  friend bool operator==(const supervision_section&, const supervision_section&)
    = default;
};

/// [audit]: the signed log.
struct audit_section {
  byte_size segment_max{8'000'000};
  byte_size storage_max{256'000'000};
  uint32_t anchor_entries = 64;
  std::chrono::milliseconds anchor_interval = std::chrono::seconds{10};
  std::string fsync = "anchor";
  std::string when_full = "retire";

  friend bool operator==(const audit_section&, const audit_section&) = default;
};

/// Where something stands, "FILE:LINE"; empty if it came from no file. No part
/// of what it says, so all places are equal.
struct file_place {
  std::string text;

  friend bool operator==(const file_place&, const file_place&) {
    return true;
  }
};

/// One [[actor]]: spawned when the node starts.
struct actor_entry {
  std::string name;
  std::string type;
  /// Overrides [supervision] strategy for the group this actor starts in.
  std::optional<std::string> strategy;
  value_map options;
  file_place place{};

  friend bool operator==(const actor_entry&, const actor_entry&) = default;
};

/// One [[spawn.allow]]: which peer may spawn what here.
struct spawn_rule {
  /// Nothing stands for every admitted peer, "*" in the file.
  std::optional<peer_id> from;
  /// Actor types; "*" stands for all.
  std::vector<std::string> types;
  /// Actors alive at a time.
  uint32_t quota = 100;

  friend bool operator==(const spawn_rule&, const spawn_rule&) = default;
};

/// Everything a node file can say. The meaning and bounds of each key stand in
/// node_schema.hpp, from which reading, writing and docs/configuration.md come.
struct node_options {
  node_section node;
  limits_section limits;
  trust_section trust;
  security_section security;
  session_section session;
  supervision_section supervision;
  audit_section audit;
  std::vector<actor_entry> actors;
  std::vector<spawn_rule> spawn_rules;

  friend bool operator==(const node_options&, const node_options&) = default;
};

/// What the options are for: only a simulation may run without encryption.
enum class purpose : uint8_t { production, simulation };

/// Reads a node file's text. Paths stay as they are written.
/// Errors: malformed_input, invalid_option.
[[nodiscard]] result<node_options>
parse_node_options(std::string_view text, std::string file_name,
                   purpose use = purpose::production);

/// Reads a node file and makes its paths absolute: see `resolve_paths`.
/// Errors: file_error, malformed_input, invalid_option.
[[nodiscard]] result<node_options>
load_node_options(const std::filesystem::path& file,
                  purpose use = purpose::production);

/// Takes relative paths as starting at `base`, and puts control_socket and
/// key_file into state_dir when they are empty.
void resolve_paths(node_options& opts, const std::filesystem::path& base);

/// Checks what can only be known of absolute paths. Errors: invalid_option.
[[nodiscard]] result<void> check_paths(const node_options& opts);

/// Writes a node file with a comment above every key. Reading it gives options
/// equal to `opts`.
[[nodiscard]] std::string to_toml(const node_options& opts);

/// A key as the documentation shows it.
struct documented_key {
  /// "[node]", "[[actor]]", ...
  std::string section;
  std::string key;
  /// "integer", "duration", "list of endpoints", ...; with the allowed range.
  std::string type;
  /// As TOML spells it; empty if there is none.
  std::string default_value;
  std::string meaning;
};

/// Returns every key of a node file, in file order.
[[nodiscard]] std::vector<documented_key> documented_keys();

/// Returns the text of docs/configuration.md.
[[nodiscard]] std::string configuration_page();

} // namespace starling::config
