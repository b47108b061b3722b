#include "actors/scale/pairwise_outliers.hpp"

#include <algorithm>
#include <cmath>

namespace starling::scale {

namespace {

/// Agents in one go: what they need stays in the first cache.
constexpr size_t block = 1024;

double median_of(std::vector<double> values) {
  const auto middle
    = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace

pairwise_outliers::pairwise_outliers(std::span<const float> values,
                                     size_t dimensions, size_t neighbours)
  : agents_{values.size() / dimensions},
    dimensions_{dimensions},
    neighbours_{neighbours},
    columns_(values.size()),
    self_(dimensions),
    distances_(block) {
  for (size_t i = 0; i < agents_; ++i)
    for (size_t d = 0; d < dimensions_; ++d)
      columns_[d * agents_ + i] = values[i * dimensions_ + d];
  nearest_.reserve(neighbours_ + 1);
}

bool pairwise_outliers::step() {
  const auto self = scores_.size();
  if (self == agents_)
    return false;
  for (size_t d = 0; d < dimensions_; ++d)
    self_[d] = columns_[d * agents_ + self];
  nearest_.clear();
  for (size_t first = 0; first < agents_; first += block) {
    const auto count = std::min(block, agents_ - first);
    measure(first, count);
    for (size_t i = 0; i < count; ++i) {
      const auto full = nearest_.size() == neighbours_;
      if ((full && distances_[i] >= nearest_.front()) || first + i == self)
        continue;
      nearest_.push_back(distances_[i]);
      std::push_heap(nearest_.begin(), nearest_.end());
      if (full) {
        std::pop_heap(nearest_.begin(), nearest_.end());
        nearest_.pop_back();
      }
    }
  }
  scores_.push_back(nearest_.empty() ? 0.0F : nearest_.front());
  return true;
}

void pairwise_outliers::measure(size_t first, size_t count) {
  auto* out = distances_.data();
  std::fill_n(out, count, 0.0F);
  for (size_t d = 0; d < dimensions_; ++d) {
    const auto* column = columns_.data() + d * agents_ + first;
    const auto own = self_[d];
    for (size_t i = 0; i < count; ++i) {
      const auto apart = column[i] - own;
      out[i] += apart * apart;
    }
  }
}

std::vector<bool> pairwise_outliers::outliers(double deviations) const {
  auto roots = std::vector<double>{};
  for (auto score : scores_)
    roots.push_back(std::sqrt(static_cast<double>(score)));
  auto found = std::vector<bool>(roots.size());
  if (roots.empty())
    return found;
  const auto middle = median_of(roots);
  auto apart = std::vector<double>{};
  for (auto root : roots)
    apart.push_back(std::abs(root - middle));
  // 1.4826: the deviation of a normal distribution over its median distance.
  const auto limit = middle + deviations * 1.4826 * median_of(apart);
  for (size_t i = 0; i < roots.size(); ++i)
    found[i] = roots[i] > limit;
  return found;
}

} // namespace starling::scale
