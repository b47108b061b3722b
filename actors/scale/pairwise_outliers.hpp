#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace starling::scale {

/// Who is far from everybody else? The method that the tree stands in for: each
/// agent is compared with every other one, in every epoch, and its score is the
/// distance to its k-th nearest neighbour.
///
/// Honest work, so that the comparison is: distances are squared (no roots),
/// features lie in columns so that the compiler compares eight agents at once,
/// and the k nearest are kept, not sorted. No index is used: in ten or more
/// dimensions it saves little, and each agent would still need everybody's
/// vector. Time n^2, and n (n - 1) messages where agents are on nodes of their
/// own.
///
/// Source: Ramaswamy, Rastogi, Shim, "Efficient algorithms for mining outliers
/// from large data sets", SIGMOD 2000, definition 2.
class pairwise_outliers {
public:
  /// Takes the vectors of all agents, one after the other.
  /// @pre `values.size()` is a multiple of `dimensions`, above zero; neighbours
  /// is above zero.
  pairwise_outliers(std::span<const float> values, size_t dimensions,
                    size_t neighbours);

  /// Compares the next agent with all others. Returns false when all are done.
  bool step();

  /// Agents compared so far.
  [[nodiscard]] size_t done() const {
    return scores_.size();
  }

  [[nodiscard]] size_t agents() const {
    return agents_;
  }

  /// Squared distances to the k-th neighbour, of the agents compared so far.
  [[nodiscard]] std::span<const float> scores() const {
    return scores_;
  }

  /// Returns which of those are outliers: beyond the median by more than
  /// `deviations` robust deviations, of the roots.
  [[nodiscard]] std::vector<bool> outliers(double deviations) const;

private:
  void measure(size_t first, size_t count);

  size_t agents_;
  size_t dimensions_;
  size_t neighbours_;
  /// Feature after feature.
  std::vector<float> columns_;
  std::vector<float> self_;
  std::vector<float> distances_;
  /// The least distances, greatest first; a heap.
  std::vector<float> nearest_;
  std::vector<float> scores_;
};

} // namespace starling::scale
