#include "actors/detector/largest_shares.hpp"

#include <algorithm>

namespace starling::detector {

std::vector<feature_share> largest_shares(std::span<const float> amplitudes) {
  auto total = 0.0;
  auto shares = std::vector<feature_share>{};
  for (size_t i = 0; i < amplitudes.size(); ++i) {
    const auto x = static_cast<double>(amplitudes[i]);
    total += x * x;
    if (x != 0.0)
      shares.push_back({.feature = i, .share = x * x});
  }
  std::ranges::stable_sort(shares, std::ranges::greater{},
                           &feature_share::share);
  shares.resize(std::min(shares.size(), scorer::shares_max));
  for (auto& entry : shares)
    entry.share /= total;
  return shares;
}

} // namespace starling::detector
