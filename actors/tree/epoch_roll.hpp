#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>

namespace starling::tree {

/// How many of a node's agents have rows in an epoch?
///
/// A round is complete when all of these were heard, and that is asked with
/// each batch of each agent. Walking the agents for the answer makes a batch
/// cost as much as there are agents on the node; counted by where they end, an
/// answer takes as long as there are different ends to come, one in most cases.
class epoch_roll {
public:
  /// Of agents whose last row has not come.
  static constexpr uint64_t no_end = std::numeric_limits<uint64_t>::max();

  /// Enters an agent that has rows in the first `epochs` epochs.
  void enter(uint64_t epochs);

  /// Takes one out that was entered with `epochs`.
  void leave(uint64_t epochs);

  /// Returns how many have rows in epoch `epoch`, counted from 0.
  [[nodiscard]] size_t expected_in(uint64_t epoch) const;

private:
  std::map<uint64_t, size_t> agents_by_end_;
};

} // namespace starling::tree
