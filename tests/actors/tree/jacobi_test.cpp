#include "actors/tree/jacobi.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using starling::tree::jacobi;

TEST_SUITE_BEGIN("actors/tree/jacobi");

TEST_CASE("values and vectors of a matrix of two rows are known") {
  auto matrix = jacobi{2};
  matrix.at(0, 0) = matrix.at(1, 1) = 2.0;
  matrix.at(0, 1) = matrix.at(1, 0) = 1.0;
  matrix.run();
  const auto larger = matrix.value(0) > matrix.value(1) ? 0U : 1U;
  CHECK(matrix.value(larger) == doctest::Approx(3.0));
  CHECK(matrix.value(1 - larger) == doctest::Approx(1.0));
  CHECK(matrix.vector(0, larger) == doctest::Approx(matrix.vector(1, larger)));
  CHECK(std::abs(matrix.vector(0, larger)) == doctest::Approx(std::sqrt(0.5)));
}

TEST_CASE("vectors are at right angles and put the matrix together again") {
  constexpr size_t size = 12;
  auto engine = std::mt19937{4};
  auto matrix = jacobi{size};
  for (size_t i = 0; i < size; ++i)
    for (size_t j = 0; j <= i; ++j)
      matrix.at(i, j) = matrix.at(j, i)
        = static_cast<double>(engine()) / 4294967296.0 - 0.5;
  auto before = matrix;
  matrix.run();
  for (size_t i = 0; i < size; ++i)
    for (size_t j = 0; j < size; ++j) {
      auto angle = 0.0;
      auto entry = 0.0;
      for (size_t k = 0; k < size; ++k) {
        angle += matrix.vector(k, i) * matrix.vector(k, j);
        entry += matrix.value(k) * matrix.vector(i, k) * matrix.vector(j, k);
      }
      CHECK(angle == doctest::Approx(i == j ? 1.0 : 0.0).epsilon(1e-9));
      CHECK(entry == doctest::Approx(before.at(i, j)).epsilon(1e-9));
    }
}

TEST_CASE("a matrix that is diagonal, or empty, stays as it is") {
  auto matrix = jacobi{3};
  matrix.at(1, 1) = 7.0;
  matrix.run();
  CHECK(matrix.value(1) == 7.0);
  CHECK(matrix.vector(1, 1) == 1.0);
  auto none = jacobi{0};
  none.run();
}

TEST_SUITE_END();
