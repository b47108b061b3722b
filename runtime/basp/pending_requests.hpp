#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>

namespace starling::basp {

/// Which requests to one node wait for their answers.
///
/// A request whose answer never comes would stay for ever, so requests live in
/// two generations: when the younger one is full it becomes the older one, and
/// what was still in that one is forgotten, an answer to it too.
class pending_requests {
public:
  pending_requests() = default;

  /// Keeps the last `kept_max` / 2 requests at least, `kept_max` at most.
  explicit pending_requests(size_t kept_max)
    : generation_max_{std::max<size_t>(1, kept_max / 2)} {
    // nop
  }

  void add(uint64_t asker, uint64_t request) {
    if (young_.size() >= generation_max_) {
      old_.clear();
      old_.swap(young_);
    }
    young_.insert({asker, request});
  }

  /// Returns whether such a request waits, and forgets it.
  bool take(uint64_t asker, uint64_t request) {
    const auto key = name{asker, request};
    return young_.erase(key) > 0 || old_.erase(key) > 0;
  }

  [[nodiscard]] size_t size() const {
    return young_.size() + old_.size();
  }

private:
  using name = std::pair<uint64_t, uint64_t>;

  struct name_hash {
    size_t operator()(const name& x) const noexcept {
      // Both count up from small numbers; an odd factor keeps them apart.
      return static_cast<size_t>(x.first * 0x9e3779b97f4a7c15u + x.second);
    }
  };

  size_t generation_max_ = 1;
  std::unordered_set<name, name_hash> young_;
  std::unordered_set<name, name_hash> old_;
};

} // namespace starling::basp
