#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace starling::link {

/// The part of a byte stream that is kept, from `begin()` on, addressed by its
/// offset in the stream. Parts may be written in any order. Grows as needed and
/// forgets in front without moving anything.
class byte_ring {
public:
  [[nodiscard]] uint64_t begin() const {
    return begin_;
  }

  /// Writes `bytes` at `offset`. @pre `offset >= begin()`; the caller bounds
  /// `offset + bytes.size() - begin()`.
  void write(uint64_t offset, std::span<const uint8_t> bytes) {
    assert(offset >= begin_);
    reserve(static_cast<size_t>(offset - begin_) + bytes.size());
    const auto place = index_of(offset);
    const auto first = std::min(bytes.size(), storage_.size() - place);
    copy(bytes.first(first), place);
    copy(bytes.subspan(first), 0);
  }

  /// Returns the kept bytes from `offset` on, up to `size`, as far as they lie
  /// in one piece. @pre they have been written.
  [[nodiscard]] std::span<const uint8_t> piece(uint64_t offset,
                                               size_t size) const {
    if (size == 0 || storage_.empty())
      return {};
    const auto place = index_of(offset);
    return {storage_.data() + place, std::min(size, storage_.size() - place)};
  }

  /// Forgets everything before `offset`. @pre `offset >= begin()`
  void forget_before(uint64_t offset) {
    assert(offset >= begin_);
    begin_ = offset;
  }

  /// Bytes of memory in use.
  [[nodiscard]] size_t capacity() const {
    return storage_.size();
  }

private:
  static constexpr size_t least = 4'096;

  /// The storage's size is a power of two, so a mask finds the place.
  [[nodiscard]] size_t index_of(uint64_t offset) const {
    return static_cast<size_t>(offset) & (storage_.size() - 1);
  }

  void copy(std::span<const uint8_t> bytes, size_t place) {
    if (!bytes.empty())
      std::memcpy(storage_.data() + place, bytes.data(), bytes.size());
  }

  void reserve(size_t size) {
    if (size <= storage_.size())
      return;
    auto grown = byte_ring{};
    grown.storage_.resize(std::bit_ceil(std::max(size, least)));
    grown.begin_ = begin_;
    // All that may be kept, written or not.
    for (size_t moved = 0; moved < storage_.size();) {
      const auto part = piece(begin_ + moved, storage_.size() - moved);
      grown.write(begin_ + moved, part);
      moved += part.size();
    }
    storage_ = std::move(grown.storage_);
  }

  std::vector<uint8_t> storage_;
  uint64_t begin_ = 0;
};

} // namespace starling::link
