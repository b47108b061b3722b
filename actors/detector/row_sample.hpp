#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace starling::detector {

/// A bounded sample of a stream of unknown length, spread evenly over it and
/// kept in its order.
///
/// The stream is cut into blocks of `stride` rows, of which one, drawn by lot,
/// is kept. When the sample is full, of each two neighbours one is dropped, by
/// lot again, and the stride doubles. Who does not know the seed can't tell
/// which rows are kept; a fixed step would let an attacker own the sample with
/// a handful of rows. Reservoir sampling would do too, but loses the order and
/// spreads less evenly.
class row_sample {
public:
  struct options {
    size_t features = 0;
    /// Rows kept at most; even.
    size_t rows_max = 256;
    uint64_t seed = 1;
  };

  /// @pre features and rows_max are above zero, rows_max is even.
  explicit row_sample(const options& opts);

  /// Takes the next row of the stream, with a note on it.
  /// @pre `row.size()` equals the number of features.
  void add(std::span<const double> row, float note);

  /// Returns how many rows are kept.
  [[nodiscard]] size_t size() const {
    return kept_;
  }

  [[nodiscard]] bool full() const {
    return stride_ > 1;
  }

  /// Returns how many rows came.
  [[nodiscard]] size_t seen() const {
    return seen_;
  }

  /// Returns kept row `index`, in the order of the stream.
  /// @pre `index < size()`.
  [[nodiscard]] std::span<const double> operator[](size_t index) const {
    return std::span{values_}.subspan(index * opts_.features, opts_.features);
  }

  /// Returns the notes on the rows that are kept.
  [[nodiscard]] std::span<float> notes() {
    return std::span{notes_}.first(kept_);
  }

  [[nodiscard]] size_t state_bytes() const {
    return sizeof(*this) + sizeof(double) * values_.size()
           + sizeof(float) * notes_.size();
  }

private:
  void halve();

  void copy(size_t from, size_t to);

  options opts_;
  std::mt19937_64 lots_;
  std::vector<double> values_;
  std::vector<float> notes_;
  size_t kept_ = 0;
  size_t seen_ = 0;
  size_t stride_ = 1;
  /// Which row of the block that comes in is kept, from 0.
  size_t drawn_ = 0;
  size_t in_block_ = 0;
};

} // namespace starling::detector
