#include "actors/tree/direction_sketch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace starling::tree {

namespace {

constexpr size_t rank_limit = 16;

constexpr size_t features_limit = 4096;

/// What is shorter, beside the longest, is rounding.
constexpr double negligible = 1e-9;

/// Floats that should add up to a whole number differ by rounding.
constexpr double rounding = 1e-5;

/// With so few features many rows wait until directions are made of them, as
/// that takes as long for many as for few.
constexpr size_t features_few = 16;
constexpr size_t rows_many = 128;

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
  // Rows that were few enough while they were short may be too many for longer
  // ones: a matrix of products of all of them would be anybody's to ask for.
  if (row.size() > features_) {
    if (rows() >= 2 * opts_.rank)
      reduce();
    widen(row.size());
  }
  if (rows() >= rows_max())
    reduce();
  rows_.insert(rows_.end(), row.begin(), row.end());
  rows_.resize(rows_.size() + features_ - row.size());
}

void direction_sketch::reduce() {
  const auto count = rows();
  if (count == 0)
    return;
  // The smaller of two matrices with the same eigenvalues: products of rows, or
  // of columns, whose eigenvectors are the directions themselves.
  const auto by_rows = count <= features_;
  auto products = by_rows ? products_of_rows() : products_of_columns();
  products.run();
  const auto size = by_rows ? count : features_;
  auto order = std::vector<size_t>(size);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, std::greater{},
                           [&](size_t k) { return products.value(k); });
  const auto longest = products.value(order[0]);
  const auto taken
    = size > opts_.rank ? products.value(order[opts_.rank]) : 0.0;
  auto directions = std::vector<double>{};
  for (size_t k = 0; k < std::min(size, opts_.rank); ++k) {
    const auto value = products.value(order[k]);
    const auto left = value - taken;
    if (!(left > negligible * longest))
      break;
    auto direction = std::vector<double>(features_);
    for (size_t i = 0; i < size; ++i) {
      const auto part = products.vector(i, order[k]);
      if (!by_rows)
        direction[i] = std::sqrt(left) * part;
      else
        for (size_t j = 0; j < features_; ++j)
          direction[j]
            += std::sqrt(left / value) * part * rows_[i * features_ + j];
    }
    directions.insert(directions.end(), direction.begin(), direction.end());
  }
  rows_ = std::move(directions);
}

jacobi direction_sketch::products_of_rows() const {
  const auto count = rows();
  const auto row = [&](size_t i) {
    return std::span{rows_}.subspan(i * features_, features_);
  };
  auto result = jacobi{count};
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j <= i; ++j)
      result.at(i, j) = result.at(j, i) = dot(row(i), row(j));
  return result;
}

jacobi direction_sketch::products_of_columns() const {
  auto result = jacobi{features_};
  for (size_t row = 0; row < rows_.size(); row += features_)
    for (size_t i = 0; i < features_; ++i)
      for (size_t j = 0; j <= i; ++j)
        result.at(i, j) += rows_[row + i] * rows_[row + j];
  for (size_t i = 0; i < features_; ++i)
    for (size_t j = 0; j < i; ++j)
      result.at(j, i) = result.at(i, j);
  return result;
}

size_t direction_sketch::rows_max() const {
  return features_ <= features_few ? rows_many : 2 * opts_.rank;
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
