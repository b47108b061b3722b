#include "actors/tree/epoch_roll.hpp"

#include <cassert>

namespace starling::tree {

void epoch_roll::enter(uint64_t epochs) {
  ++agents_by_end_[epochs];
}

void epoch_roll::leave(uint64_t epochs) {
  const auto found = agents_by_end_.find(epochs);
  assert(found != agents_by_end_.end());
  if (found != agents_by_end_.end() && --found->second == 0)
    agents_by_end_.erase(found);
}

size_t epoch_roll::expected_in(uint64_t epoch) const {
  auto result = size_t{0};
  for (auto at = agents_by_end_.upper_bound(epoch); at != agents_by_end_.end();
       ++at)
    result += at->second;
  return result;
}

} // namespace starling::tree
