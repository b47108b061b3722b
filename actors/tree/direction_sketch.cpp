#include "actors/tree/direction_sketch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace starling::tree {

namespace {

constexpr size_t rank_limit = 16;

constexpr size_t features_limit = 4096;

/// What is shorter, beside the longest, is rounding.
constexpr double negligible = 1e-9;

/// Floats that should add up to a whole number differ by rounding.
constexpr double rounding = 1e-5;

constexpr int sweeps_max = 30;

result<void> check(const direction_sketch::options& opts) {
  if (opts.rank > rank_limit)
    return failure{ec::invalid_option,
                   fmt::format("direction sketch: rank is {}; give 0 to {}",
                               opts.rank, rank_limit)};
  if (opts.features_max == 0 || opts.features_max > features_limit)
    return failure{ec::invalid_option,
                   fmt::format("direction sketch: features_max is {}; give 1 "
                               "to {}",
                               opts.features_max, features_limit)};
  return {};
}

template <class A, class B>
double dot(std::span<const A> a, std::span<const B> b) {
  auto sum = 0.0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// A symmetric matrix that is turned until it is diagonal, and the turns.
///
/// Jacobi's method: quick enough for the few rows of a sketch, and exact to the
/// last bits for small values as well.
/// Source: Golub, van Loan, "Matrix Computations", 4th ed., section 8.5.
class jacobi {
public:
  explicit jacobi(size_t size)
    : size_{size},
      matrix_(size * size),
      turns_(size * size) {
    for (size_t i = 0; i < size; ++i)
      turns_[i * size + i] = 1.0;
  }

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

  void run() {
    for (auto sweep = 0; sweep < sweeps_max && !is_diagonal(); ++sweep)
      for (size_t p = 0; p + 1 < size_; ++p)
        for (size_t q = p + 1; q < size_; ++q)
          turn(p, q);
  }

private:
  bool is_diagonal() {
    auto off = 0.0;
    auto all = 0.0;
    for (size_t i = 0; i < size_; ++i)
      for (size_t j = 0; j < size_; ++j) {
        const auto square = at(i, j) * at(i, j);
        all += square;
        off += i == j ? 0.0 : square;
      }
    return off <= 1e-28 * all;
  }

  /// Makes the entry at (p, q) zero.
  void turn(size_t p, size_t q) {
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

  size_t size_;
  std::vector<double> matrix_;
  std::vector<double> turns_;
};

} // namespace

result<direction_sketch> direction_sketch::make(const options& opts) {
  if (auto valid = check(opts); !valid)
    return valid.error();
  return direction_sketch{opts};
}

result<direction_sketch> direction_sketch::decode(const direction_parts& parts,
                                                  double agents_max,
                                                  const options& opts) {
  if (auto valid = check(opts); !valid)
    return valid.error();
  auto result = direction_sketch{opts};
  if (parts.rows.empty())
    return result;
  if (parts.features > opts.features_max
      || parts.rows.size() > opts.rank * size_t{parts.features})
    return failure{ec::limit_reached,
                   fmt::format("direction sketch: {} values in rows of {}, at "
                               "most {} rows of {} fit",
                               parts.rows.size(), parts.features, opts.rank,
                               opts.features_max)};
  if (parts.rows.size() % parts.features != 0)
    return failure{ec::malformed_input,
                   fmt::format("direction sketch: {} values are no rows of {}",
                               parts.rows.size(), parts.features)};
  const auto all = std::span{parts.rows};
  const auto energy = dot(all, all);
  if (!std::isfinite(energy))
    return failure{ec::malformed_input,
                   "direction sketch: a value is not finite"};
  if (energy > agents_max * (1.0 + rounding))
    return failure{ec::limit_reached,
                   fmt::format("direction sketch: moves {:.1f} agents, its "
                               "sender has {:.1f} below it",
                               energy, agents_max)};
  result.assign(parts);
  return result;
}

direction_sketch::direction_sketch(const options& opts) : opts_{opts} {
  // nop
}

void direction_sketch::add(std::span<const float> deviation) {
  const auto part
    = deviation.first(std::min(deviation.size(), opts_.features_max));
  const auto squares = dot(part, part);
  if (opts_.rank == 0 || !std::isfinite(squares) || squares <= negligible)
    return;
  const auto factor = 1.0 / std::max(1.0, std::sqrt(squares));
  auto row = std::vector<double>(part.begin(), part.end());
  for (auto& x : row)
    x *= factor;
  append(row);
}

void direction_sketch::merge(const direction_sketch& other) {
  for (size_t i = 0; i < other.rows(); ++i)
    append(
      std::span{other.rows_}.subspan(i * other.features_, other.features_));
}

double direction_sketch::along(std::span<const float> direction) const {
  auto sum = 0.0;
  for (size_t i = 0; i < rows(); ++i) {
    const auto part
      = dot(std::span{rows_}.subspan(i * features_, features_), direction);
    sum += part * part;
  }
  return sum;
}

double direction_sketch::energy() const {
  return std::inner_product(rows_.begin(), rows_.end(), rows_.begin(), 0.0);
}

direction_parts direction_sketch::encode() const {
  auto reduced = *this;
  reduced.reduce();
  return {.features = static_cast<uint32_t>(reduced.features_),
          .rows = {reduced.rows_.begin(), reduced.rows_.end()}};
}

direction_sketch direction_sketch::as_told() const {
  auto result = direction_sketch{opts_};
  result.assign(encode());
  return result;
}

void direction_sketch::assign(const direction_parts& parts) {
  features_ = parts.features;
  rows_.assign(parts.rows.begin(), parts.rows.end());
}

void direction_sketch::widen(size_t features) {
  auto wider = std::vector<double>(rows() * features);
  for (size_t i = 0; i < rows(); ++i)
    std::copy_n(rows_.begin() + static_cast<ptrdiff_t>(i * features_),
                features_,
                wider.begin() + static_cast<ptrdiff_t>(i * features));
  rows_ = std::move(wider);
  features_ = features;
}

void direction_sketch::append(std::span<const double> row) {
  if (row.size() > features_)
    widen(row.size());
  if (rows() >= 2 * opts_.rank)
    reduce();
  rows_.insert(rows_.end(), row.begin(), row.end());
  rows_.resize(rows_.size() + features_ - row.size());
}

/// The eigenvectors of the small matrix of all products of two rows say how to
/// put directions together from rows.
void direction_sketch::reduce() {
  const auto count = rows();
  if (count == 0)
    return;
  const auto row = [&](size_t i) {
    return std::span<const double>{rows_}.subspan(i * features_, features_);
  };
  auto products = jacobi{count};
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j <= i; ++j)
      products.at(i, j) = products.at(j, i) = dot(row(i), row(j));
  products.run();
  auto order = std::vector<size_t>(count);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater{},
                           [&](size_t k) { return products.value(k); });
  const auto longest = products.value(order[0]);
  const auto taken
    = count > opts_.rank ? products.value(order[opts_.rank]) : 0.0;
  auto directions = std::vector<double>{};
  for (size_t k = 0; k < std::min(count, opts_.rank); ++k) {
    const auto value = products.value(order[k]);
    const auto left = value - taken;
    if (!(left > negligible * longest))
      break;
    const auto factor = std::sqrt(left / value);
    auto direction = std::vector<double>(features_);
    for (size_t i = 0; i < count; ++i) {
      const auto part = factor * products.vector(i, order[k]);
      for (size_t j = 0; j < features_; ++j)
        direction[j] += part * rows_[i * features_ + j];
    }
    directions.insert(directions.end(), direction.begin(), direction.end());
  }
  rows_ = std::move(directions);
}

double distance(const direction_parts& a, const direction_parts& b) {
  const auto product = [](const direction_parts& x, const direction_parts& y) {
    auto sum = 0.0;
    for (size_t i = 0; i < x.rows.size(); i += x.features)
      for (size_t j = 0; j < y.rows.size(); j += y.features) {
        const auto part = dot(std::span{x.rows}.subspan(i, x.features),
                              std::span{y.rows}.subspan(j, y.features));
        sum += part * part;
      }
    return sum;
  };
  return std::sqrt(
    std::max(0.0, product(a, a) + product(b, b) - 2.0 * product(a, b)));
}

} // namespace starling::tree
