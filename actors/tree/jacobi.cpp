#include "actors/tree/jacobi.hpp"

#include <cmath>

namespace starling::tree {

namespace {

/// It doubles the digits that are right with each sweep in the end: six or
/// seven do for a matrix of ten rows.
constexpr int sweeps_max = 30;

/// Squares off the diagonal beside all of them. What comes out travels as
/// floats.
constexpr double enough = 1e-20;

} // namespace

jacobi::jacobi(size_t size)
  : size_{size},
    matrix_(size * size),
    turns_(size * size) {
  for (size_t i = 0; i < size; ++i)
    turns_[i * size + i] = 1.0;
}

void jacobi::run() {
  for (auto sweep = 0; sweep < sweeps_max && !is_diagonal(); ++sweep)
    for (size_t p = 0; p + 1 < size_; ++p)
      for (size_t q = p + 1; q < size_; ++q)
        turn(p, q);
}

bool jacobi::is_diagonal() const {
  auto off = 0.0;
  auto all = 0.0;
  for (size_t i = 0; i < size_; ++i)
    for (size_t j = 0; j < size_; ++j) {
      const auto square = matrix_[i * size_ + j] * matrix_[i * size_ + j];
      all += square;
      off += i == j ? 0.0 : square;
    }
  return off <= enough * all;
}

void jacobi::turn(size_t p, size_t q) {
  if (at(p, q) == 0.0)
    return;
  const auto ratio = (at(q, q) - at(p, p)) / (2.0 * at(p, q));
  const auto tangent = std::copysign(1.0, ratio)
                       / (std::abs(ratio) + std::sqrt(1.0 + ratio * ratio));
  const auto cosine = 1.0 / std::sqrt(1.0 + tangent * tangent);
  const auto sine = tangent * cosine;
  const auto mix = [=](double& x, double& y) {
    const auto old = x;
    x = cosine * old - sine * y;
    y = sine * old + cosine * y;
  };
  for (size_t i = 0; i < size_; ++i)
    mix(at(i, p), at(i, q));
  for (size_t i = 0; i < size_; ++i)
    mix(at(p, i), at(q, i));
  for (size_t i = 0; i < size_; ++i)
    mix(turns_[i * size_ + p], turns_[i * size_ + q]);
}

} // namespace starling::tree
