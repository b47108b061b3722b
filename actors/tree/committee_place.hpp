#pragma once

#include "messages/peer_id.hpp"
#include "runtime/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace starling::tree {

/// Returns how many of `size` reports a committee needs to be believed: two
/// thirds, rounded up. As long as fewer than a third of the members lie, more
/// than half of any such set is honest, also when the liars answer first.
[[nodiscard]] constexpr size_t quorum_of(size_t size) {
  return (2 * size + 2) / 3;
}

/// Who reports to whom: a tree of committees over all members that every node
/// works out for itself, without asking anyone.
///
/// Members are sorted by SHA-256 (node id, epoch, replica) as in `tree_place`
/// and cut into committees of at least `width` neighbours (all of them into one
/// while there are fewer than twice as many). Committees are laid out like a
/// heap: committee c reports to committee (c - 1) / fan_out, each member to
/// each member. A place lasts one epoch.
///
/// Why not one member a place: with a share f of liars at random places the
/// share of leaves with an honest path to the root of a tree of depth d is
/// (1 - f)^d, a third at f = 1/3 and d = 3, so that an honest root hears more
/// lies than truth; and independent trees beside it all have that share. A
/// committee lies only where half of it does: with probability
/// P(Bin(width, f) >= width / 2), 1 % at f = .33 and 48 members.
class committee_place {
public:
  struct options {
    /// Committees that report to one, 2 to 64.
    size_t fan_out = 8;
    /// Members of a committee at least, 1 to 1024.
    size_t width = 48;
    /// More members than this are refused.
    size_t members_max = 1'000'000;
    /// Which of the independent trees of this epoch.
    uint32_t replica = 0;
  };

  /// Members may come in any order; one named twice counts once.
  /// Errors: invalid_option, limit_reached.
  [[nodiscard]] static result<committee_place>
  make(std::span<const peer_id> members, uint64_t epoch, const options& opts);

  /// Returns where a member stands among all, from 0; nothing for strangers.
  [[nodiscard]] std::optional<size_t> place_of(const peer_id& member) const;

  /// Returns the places of all members, sorted by their ids.
  [[nodiscard]] std::span<const uint32_t> places_by_id() const {
    return places_;
  }

  /// Returns the member at a place. @pre `place < members()`.
  [[nodiscard]] const peer_id& member_at(size_t place) const {
    return order_[place];
  }

  /// @pre `place < members()`.
  [[nodiscard]] size_t committee_at(size_t place) const;

  /// Returns nothing for strangers.
  [[nodiscard]] std::optional<size_t> committee_of(const peer_id& member) const;

  /// @pre `committee < committees()`.
  [[nodiscard]] std::span<const peer_id> members_of(size_t committee) const;

  /// Returns the committee that this one reports to; nothing for the root, 0.
  [[nodiscard]] std::optional<size_t> above(size_t committee) const;

  /// Returns the committees that report to this one, at most `fan_out`.
  [[nodiscard]] std::vector<size_t> below(size_t committee) const;

  /// Returns the most steps from a committee below up to this one.
  [[nodiscard]] uint32_t height_of(size_t committee) const;

  [[nodiscard]] size_t committees() const {
    return committees_;
  }

  [[nodiscard]] size_t members() const {
    return order_.size();
  }

private:
  explicit committee_place(const options& opts);

  [[nodiscard]] size_t first_of(size_t committee) const;

  options opts_;
  /// Members by place.
  std::vector<peer_id> order_;
  /// Places, sorted by the member's id.
  std::vector<uint32_t> places_;
  size_t committees_ = 0;
};

} // namespace starling::tree
