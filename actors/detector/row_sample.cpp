#include "actors/detector/row_sample.hpp"

#include <algorithm>
#include <cassert>

namespace starling::detector {

row_sample::row_sample(const options& opts)
  : opts_{opts},
    lots_{opts.seed},
    values_(opts.features * opts.rows_max),
    notes_(opts.rows_max) {
  assert(opts.features > 0);
  assert(opts.rows_max > 0 && opts.rows_max % 2 == 0);
}

void row_sample::add(std::span<const double> row, float note) {
  assert(row.size() == opts_.features);
  if (in_block_ == 0 && kept_ == opts_.rows_max)
    halve();
  if (in_block_ == 0)
    drawn_ = lots_() % stride_;
  if (in_block_ == drawn_) {
    std::ranges::copy(row, values_.begin()
                             + static_cast<ptrdiff_t>(kept_ * opts_.features));
    notes_[kept_] = note;
    ++kept_;
  }
  ++seen_;
  in_block_ = (in_block_ + 1) % stride_;
}

void row_sample::halve() {
  for (size_t i = 0; i < kept_ / 2; ++i)
    copy(2 * i + lots_() % 2, i);
  kept_ /= 2;
  stride_ *= 2;
}

void row_sample::copy(size_t from, size_t to) {
  if (from == to)
    return;
  notes_[to] = notes_[from];
  std::ranges::copy((*this)[from],
                    values_.begin()
                      + static_cast<ptrdiff_t>(to * opts_.features));
}

} // namespace starling::detector
