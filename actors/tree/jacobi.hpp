#pragma once

#include <cstddef>
#include <vector>

namespace starling::tree {

/// A symmetric matrix that is turned until it is diagonal, and the turns.
///
/// Jacobi's method: quick enough for the few rows of a sketch, and exact to the
/// last bits for small values as well.
/// Source: Golub, van Loan, "Matrix Computations", 4th ed., section 8.5.
class jacobi {
public:
  /// A matrix of zeros.
  explicit jacobi(size_t size);

  double& at(size_t i, size_t j) {
    return matrix_[i * size_ + j];
  }

  /// Component `i` of the eigenvector that belongs to value `k`.
  [[nodiscard]] double vector(size_t i, size_t k) const {
    return turns_[i * size_ + k];
  }

  [[nodiscard]] double value(size_t k) const {
    return matrix_[k * size_ + k];
  }

  void run();

private:
  [[nodiscard]] bool is_diagonal() const;

  /// Makes the entry at (p, q) zero.
  void turn(size_t p, size_t q);

  size_t size_;
  std::vector<double> matrix_;
  std::vector<double> turns_;
};

} // namespace starling::tree
