#pragma once

#include "actors/tree/committee_place.hpp"
#include "runtime/result.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace starling::tree {

/// One node of the tree and how many agents are scored there.
struct round_member {
  peer_id id;
  uint32_t agents = 0;
};

/// The places of one epoch, and how many agents each may speak for.
class round_plan {
public:
  /// Members sorted by id are found soonest. Errors: those of
  /// `committee_place`.
  [[nodiscard]] static result<round_plan>
  make(std::span<const round_member> members, uint64_t epoch,
       const committee_place::options& opts);

  [[nodiscard]] const committee_place& place() const {
    return place_;
  }

  /// Returns the agents scored on that member; 0 for strangers.
  [[nodiscard]] uint32_t agents_of(const peer_id& member) const;

  /// Returns the agents of a committee and all below it.
  [[nodiscard]] uint64_t agents_below(size_t committee) const {
    return below_[committee];
  }

private:
  explicit round_plan(committee_place place);

  committee_place place_;
  /// By place.
  std::vector<uint32_t> agents_;
  std::vector<uint64_t> below_;
};

} // namespace starling::tree
