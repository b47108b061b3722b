#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace starling::tree {

/// Who reports to whom: a tree over all members that every node works out for
/// itself, without asking anyone.
///
/// Members are sorted by SHA-256 (node id, epoch, replica) and laid out like a
/// heap of `fan_out` branches: the first is the root, member i reports to
/// member (i - 1) / fan_out. The tree is balanced, its depth is
/// ceil(log_fan_out n), and a place lasts one epoch only: whoever would choose
/// its neighbours must find a new key for every epoch.
///
/// Replicas are independent trees of the same epoch. A lying aggregator sits
/// in the same place in two of them only by chance, so the results of several
/// replicas can be compared.
class tree_place {
public:
  struct options {
    /// Children of one member at most, 2 to 64.
    size_t fan_out = 8;
    /// More members than this are refused.
    size_t members_max = 1'000'000;
    /// Which of the independent trees of this epoch.
    uint32_t replica = 0;
  };

  /// Returns all members by place, the root first. They may come in any order;
  /// one named twice counts once. Errors: invalid_option, limit_reached.
  [[nodiscard]] static result<std::vector<peer_id>>
  order_of(std::span<const peer_id> members, uint64_t epoch,
           const options& opts);

  /// Places members as `order_of` does. Errors: as there.
  [[nodiscard]] static result<tree_place>
  make(std::span<const peer_id> members, uint64_t epoch, const options& opts);

  /// Returns nothing for the root and for strangers.
  [[nodiscard]] std::optional<peer_id> parent_of(const peer_id& member) const;

  /// Returns at most `fan_out` members; none for strangers.
  [[nodiscard]] std::vector<peer_id> children_of(const peer_id& member) const;

  /// Returns how many members report through this one, itself included: the
  /// most weight its summary may carry. Zero for strangers.
  [[nodiscard]] size_t members_below(const peer_id& member) const;

  /// Returns nothing where there are no members.
  [[nodiscard]] std::optional<peer_id> root() const;

  /// Returns the steps from the member to the root.
  [[nodiscard]] std::optional<size_t> depth_of(const peer_id& member) const;

  /// Returns all members by place, the root first.
  [[nodiscard]] const std::vector<peer_id>& order() const {
    return order_;
  }

  [[nodiscard]] size_t size() const {
    return order_.size();
  }

private:
  explicit tree_place(const options& opts);

  [[nodiscard]] std::optional<size_t> place_of(const peer_id& member) const;

  options opts_;
  /// Members by place.
  std::vector<peer_id> order_;
  /// Places by member, sorted by id.
  std::vector<std::pair<peer_id, size_t>> places_;
};

} // namespace starling::tree
