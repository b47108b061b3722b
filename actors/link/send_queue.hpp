#pragma once

#include <sys/uio.h>

#include <array>
#include <cassert>
#include <cstddef>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace starling::link {

/// Bytes on their way out of a socket, in the pieces they came in.
///
/// Why pieces: a large buffer is handed to the system as it is, without a copy.
/// Small ones are gathered, since each piece costs more than copying a few
/// hundred bytes.
template <class Byte>
class send_queue {
public:
  /// Pieces up to this size are appended to the one before, bytes.
  static constexpr size_t gather_max = 2'048;

  /// Size up to which a piece is filled by smaller ones, bytes.
  static constexpr size_t piece_fill = 16'384;

  /// Most pieces that one system call writes.
  static constexpr size_t batch_max = 64;

  void push(std::vector<Byte> piece) {
    if (piece.empty())
      return;
    size_ += piece.size();
    if (!pieces_.empty() && piece.size() <= gather_max
        && pieces_.back().size() + piece.size() <= piece_fill) {
      auto& last = pieces_.back();
      last.insert(last.end(), piece.begin(), piece.end());
    } else {
      pieces_.push_back(std::move(piece));
    }
  }

  /// Returns what to write next; stays valid until the next `push` or
  /// `consume`.
  [[nodiscard]] std::span<iovec> front() {
    auto count = size_t{0};
    for (auto& piece : pieces_) {
      if (count == batch_max)
        break;
      const auto skipped = count == 0 ? offset_ : 0;
      batch_[count++] = {piece.data() + skipped, piece.size() - skipped};
    }
    return {batch_.data(), count};
  }

  /// Drops bytes that have been written. @pre `count <= size()`
  void consume(size_t count) {
    assert(count <= size_);
    size_ -= count;
    offset_ += count;
    while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
      offset_ -= pieces_.front().size();
      pieces_.pop_front();
    }
  }

  void clear() {
    pieces_.clear();
    offset_ = 0;
    size_ = 0;
  }

  /// Returns the bytes that wait.
  [[nodiscard]] size_t size() const {
    return size_;
  }

  [[nodiscard]] bool empty() const {
    return size_ == 0;
  }

private:
  std::deque<std::vector<Byte>> pieces_;
  /// Bytes of the first piece that are gone already.
  size_t offset_ = 0;
  size_t size_ = 0;
  std::array<iovec, batch_max> batch_;
};

} // namespace starling::link
