#pragma once

#include "deploy/consensus/cluster_member.hpp"
#include "deploy/consensus/commanded_child.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace starling::deploy {

/// What the process that judges is told: "phase NAME MODES COUNT PERIOD_MS".
/// MODES is "free", "consensus" or "both".
struct phase_order {
  std::string name;
  bool free = true;
  bool consensus = false;
  size_t verdicts = 0;
  uint64_t period_ms = 0;
};

[[nodiscard]] std::string to_line(const phase_order& x);
[[nodiscard]] result<phase_order> phase_order_of(const std::string& line);

/// A node whose agents refuse work from those who were cut off. Says where it
/// listens; then, told "report NAME", for the agents of that phase:
///   cut MODE SUBJECT NANOSECONDS
///   heard MODE MESSAGES
///   done
/// Watches etcd's members, the one at `first` before others, if there are any.
void serve_guard(const cluster_member::key_ptr& key, const peer_id& judge,
                 const std::vector<uint16_t>& etcd_ports, size_t first,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen);

/// Where a guard is.
struct guard_place {
  std::string address;
  peer_id id;
};

/// The node that watches agents and comes to verdicts. Says "ready"; then, told
/// of a phase:
///   began NANOSECONDS
///   verdict SUBJECT ROW_NANOSECONDS ALARM_NANOSECONDS
///   commit SUBJECT NANOSECONDS
///   refused MODE COUNT OF
///   sent BYTES
///   done
/// or "failed TEXT".
void serve_judge(const cluster_member::key_ptr& key,
                 const std::vector<guard_place>& guards,
                 const std::vector<uint16_t>& etcd_ports,
                 const child_process::say_fun& say,
                 const commanded_child::listen_fun& listen);

} // namespace starling::deploy
