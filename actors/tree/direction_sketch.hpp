#pragma once

#include "actors/tree/jacobi.hpp"
#include "runtime/result.hpp"
#include "runtime/trust/deviation.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace starling::tree {

/// What travels up the tree: directions at right angles to each other, the
/// longest first, each as long as the root of the number of agents that move
/// along it.
struct direction_parts {
  /// Length of a row.
  uint32_t features = 0;
  /// Row after row.
  std::vector<float> rows;

  friend bool operator==(const direction_parts&, const direction_parts&)
    = default;
};

/// The directions along which many agents leave what is usual for them: the
/// covariance of their bounded deviations, at low rank, in bounded memory.
///
/// Each agent enters with one vector of length 1 at most, whatever it did, so
/// the squared length of a direction is the number of agents that move along
/// it, and a share f of liars can add f of the agents to any direction and no
/// more (the idea of the spatial sign covariance matrix). What does not fit
/// into `rank` directions is taken off all of them alike: a direction is never
/// overstated, and understated by at most the energy beyond the first k
/// directions over `rank` - k, for any k below `rank`.
///
/// Sources: Liberty, "Simple and deterministic matrix sketching", KDD 2013;
/// Ghashami, Liberty, Phillips, Woodruff, "Frequent directions", SIAM J.
/// Comput. 45(5), 2016, section 3, for merging; Visuri, Koivunen, Oja, "Sign
/// and rank covariance matrices", J. Stat. Plan. Inference 91(2), 2000.
class direction_sketch {
public:
  struct options {
    /// Directions kept, 0 to 16; with 0 the sketch stays empty.
    size_t rank = 4;
    /// Features of a direction, 1 to 4096; later ones are left out.
    size_t features_max = deviation_features_max;
  };

  /// An empty sketch. Errors: invalid_option.
  [[nodiscard]] static result<direction_sketch> make(const options& opts);

  /// Reads what another node sent. Refuses more than `rank` directions, ones
  /// longer than `features_max`, what is not finite, and more energy than
  /// `agents_max`, the number of agents that node can speak for.
  /// Errors: malformed_input, limit_reached, invalid_option.
  [[nodiscard]] static result<direction_sketch>
  decode(const direction_parts& parts, double agents_max, const options& opts);

  /// Enters one agent's deviation, shortened to length 1 where it is longer.
  /// One that is not finite is ignored.
  void add(std::span<const float> deviation);

  /// Takes in all that `other` stands for.
  void merge(const direction_sketch& other);

  /// Returns how many agents move along a direction of length 1.
  [[nodiscard]] double along(std::span<const float> direction) const;

  /// Returns the sum of the squared lengths: how many agents this stands for,
  /// or fewer.
  [[nodiscard]] double energy() const;

  [[nodiscard]] bool empty() const {
    return rows_.empty();
  }

  /// Returns what `decode` reads.
  [[nodiscard]] direction_parts encode() const;

  /// Returns what another node makes of `encode`: bit by bit the same there and
  /// here.
  [[nodiscard]] direction_sketch as_told() const;

private:
  explicit direction_sketch(const options& opts);

  void assign(const direction_parts& parts);

  [[nodiscard]] size_t rows() const {
    return features_ == 0 ? 0 : rows_.size() / features_;
  }

  void widen(size_t features);

  void append(std::span<const double> row);

  /// Turns the rows into directions, of which `rank` are left.
  void reduce();

  [[nodiscard]] jacobi products_of_rows() const;

  [[nodiscard]] jacobi products_of_columns() const;

  [[nodiscard]] size_t rows_max() const;

  options opts_;
  size_t features_ = 0;
  /// Up to `rows_max`, of any lengths and angles.
  std::vector<double> rows_;
};

/// Returns how far two sets of directions are apart: the Frobenius norm of the
/// difference of their covariances. In agents.
[[nodiscard]] double distance(const direction_parts& a,
                              const direction_parts& b);

} // namespace starling::tree
