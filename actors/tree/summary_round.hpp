#pragma once

#include "actors/tree/quantile_summary.hpp"
#include "actors/tree/tree_place.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace starling::tree {

/// One node of the tree and how many agents are scored there.
struct round_member {
  peer_id id;
  uint32_t agents = 0;
};

/// One node's part in one epoch: gathers the levels of its own agents and the
/// summaries of its children into what goes to its parent.
///
/// Each agent counts once however many rows it brings, and a child can't weigh
/// more than the agents below it. Places are those of this epoch alone.
class summary_round {
public:
  struct options {
    size_t fan_out = 8;
    quantile_summary::options summary;
    /// Levels of one agent in one epoch.
    size_t levels_max = 100'000;
  };

  /// Errors: invalid_option (`self` is no member), limit_reached.
  [[nodiscard]] static result<summary_round>
  make(std::span<const round_member> members, const peer_id& self,
       uint64_t epoch, const options& opts);

  /// Takes the levels of one of this node's agents; a second time is ignored.
  /// Errors: limit_reached.
  result<void> add_agent(const std::string& subject,
                         std::span<const double> levels);

  /// Takes a child's summary; a second one is ignored. Errors:
  /// permission_denied (not a child in this epoch), malformed_input,
  /// limit_reached.
  result<void> add_child(const peer_id& child, const summary_parts& parts);

  /// Whether these agents and all children with agents below them were heard.
  [[nodiscard]] bool complete(const std::set<std::string>& expected) const;

  [[nodiscard]] const quantile_summary& total() const {
    return total_;
  }

  /// Nothing for the root.
  [[nodiscard]] const std::optional<peer_id>& parent() const {
    return parent_;
  }

  /// The children and how many agents are below each.
  [[nodiscard]] const std::map<peer_id, uint64_t>& children() const {
    return children_;
  }

  /// Steps from the lowest member below up to this one.
  [[nodiscard]] uint32_t height() const {
    return height_;
  }

private:
  summary_round(const options& opts, quantile_summary empty);

  options opts_;
  quantile_summary empty_;
  quantile_summary total_;
  std::optional<peer_id> parent_;
  std::map<peer_id, uint64_t> children_;
  uint32_t height_ = 0;
  std::set<std::string> agents_heard_;
  std::set<peer_id> children_heard_;
};

} // namespace starling::tree
